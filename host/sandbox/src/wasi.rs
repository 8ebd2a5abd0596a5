//! WASI, closed: what wasm32-wasip2's start asks for, answered with nothing.
//!
//! No crate behind it could open a file or a socket: there is none. Standard output and error go to the plugin's log.

use wasmtime::component::Resource;
use wasmtime::{Result, bail};

use crate::bindings::wasi::wasi::{cli, io, random};
use crate::state::State;

/// A resource of which there is none.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "bindgen re-exports it")]
pub enum Never {}

/// Standard input: at its end.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "bindgen re-exports it")]
pub struct Empty;

/// Standard output and error.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "bindgen re-exports it")]
pub struct Output;

/// A wait that is over.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "bindgen re-exports it")]
pub struct Ready;

impl cli::environment::Host for State {
    fn get_environment(&mut self) -> Result<Vec<(String, String)>> {
        Ok(Vec::new())
    }

    fn get_arguments(&mut self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn initial_cwd(&mut self) -> Result<Option<String>> {
        Ok(None)
    }
}

impl cli::exit::Host for State {
    fn exit(&mut self, _: Result<(), ()>) -> Result<()> {
        bail!("it called exit")
    }
}

impl cli::stdin::Host for State {
    fn get_stdin(&mut self) -> Result<Resource<Empty>> {
        Ok(self.table.push(Empty)?)
    }
}

impl cli::stdout::Host for State {
    fn get_stdout(&mut self) -> Result<Resource<Output>> {
        Ok(self.table.push(Output)?)
    }
}

impl cli::stderr::Host for State {
    fn get_stderr(&mut self) -> Result<Resource<Output>> {
        Ok(self.table.push(Output)?)
    }
}

impl cli::terminal_input::Host for State {}
impl cli::terminal_output::Host for State {}

impl cli::terminal_input::HostTerminalInput for State {
    fn drop(&mut self, this: Resource<Never>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl cli::terminal_output::HostTerminalOutput for State {
    fn drop(&mut self, this: Resource<Never>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl cli::terminal_stdin::Host for State {
    fn get_terminal_stdin(&mut self) -> Result<Option<Resource<Never>>> {
        Ok(None)
    }
}

impl cli::terminal_stdout::Host for State {
    fn get_terminal_stdout(&mut self) -> Result<Option<Resource<Never>>> {
        Ok(None)
    }
}

impl cli::terminal_stderr::Host for State {
    fn get_terminal_stderr(&mut self) -> Result<Option<Resource<Never>>> {
        Ok(None)
    }
}

impl io::error::Host for State {}

impl io::error::HostError for State {
    fn to_debug_string(&mut self, this: Resource<Never>) -> Result<String> {
        match *self.table.get(&this)? {}
    }

    fn drop(&mut self, this: Resource<Never>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl io::poll::Host for State {
    fn poll(&mut self, waits: Vec<Resource<Ready>>) -> Result<Vec<u32>> {
        self.pay(waits.len().saturating_mul(size_of::<Resource<Ready>>()))?;
        Ok((0..).take(waits.len()).collect())
    }
}

impl io::poll::HostPollable for State {
    fn ready(&mut self, _: Resource<Ready>) -> Result<bool> {
        Ok(true)
    }

    fn block(&mut self, _: Resource<Ready>) -> Result<()> {
        Ok(())
    }

    fn drop(&mut self, this: Resource<Ready>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

type Streamed<T> = Result<Result<T, io::streams::StreamError>>;

impl io::streams::Host for State {}

impl io::streams::HostInputStream for State {
    fn read(&mut self, _: Resource<Empty>, _: u64) -> Streamed<Vec<u8>> {
        Ok(Err(io::streams::StreamError::Closed))
    }

    fn blocking_read(&mut self, this: Resource<Empty>, length: u64) -> Streamed<Vec<u8>> {
        self.read(this, length)
    }

    fn skip(&mut self, _: Resource<Empty>, _: u64) -> Streamed<u64> {
        Ok(Err(io::streams::StreamError::Closed))
    }

    fn blocking_skip(&mut self, this: Resource<Empty>, length: u64) -> Streamed<u64> {
        self.skip(this, length)
    }

    fn subscribe(&mut self, _: Resource<Empty>) -> Result<Resource<Ready>> {
        Ok(self.table.push(Ready)?)
    }

    fn drop(&mut self, this: Resource<Empty>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl io::streams::HostOutputStream for State {
    fn check_write(&mut self, _: Resource<Output>) -> Streamed<u64> {
        Ok(Ok(4096))
    }

    fn write(&mut self, _: Resource<Output>, contents: Vec<u8>) -> Streamed<()> {
        self.pay(contents.len())?;
        self.log.print(&contents);
        Ok(Ok(()))
    }

    fn blocking_write_and_flush(&mut self, this: Resource<Output>, contents: Vec<u8>) -> Streamed<()> {
        io::streams::HostOutputStream::write(self, this, contents)
    }

    fn flush(&mut self, _: Resource<Output>) -> Streamed<()> {
        Ok(Ok(()))
    }

    fn blocking_flush(&mut self, _: Resource<Output>) -> Streamed<()> {
        Ok(Ok(()))
    }

    fn subscribe(&mut self, _: Resource<Output>) -> Result<Resource<Ready>> {
        Ok(self.table.push(Ready)?)
    }

    fn drop(&mut self, this: Resource<Output>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl random::insecure_seed::Host for State {
    /// What hash maps are seeded with: the time of the call, so that the same call runs the same way again.
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        Ok((self.now.0, 0))
    }
}

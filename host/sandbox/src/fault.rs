//! What can go wrong in a call, of which the guest is the cause.

use sluice_core::limits::Limits;
use wasmtime::Trap;

use crate::state::State;

/// A call that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It did too much.
    #[error("it used up its {0} units of fuel, as a loop without an end would")]
    Fuel(u64),
    /// It took too long, in milliseconds.
    #[error("it took longer than its {0} ms, though it had fuel left")]
    Time(u64),
    /// It wanted too much memory.
    #[error("it wanted more than its {} MiB of memory", .0 >> 20)]
    Memory(usize),
    /// It called itself too deeply.
    #[error("it overflowed its stack, as a recursion without an end would")]
    Stack,
    /// Its answer was too large.
    #[error("it handed over more than {} MiB at once", .0 >> 20)]
    Answer(usize),
    /// It had the runtime read, print or translate too much.
    #[error("it read or printed more than {} MiB, each time counted", .0 >> 20)]
    Reads(usize),
    /// It named too many objects.
    #[error("it named {0} objects at once; the limit is {1}")]
    Keys(usize, usize),
    /// It trapped, or broke another limit. With the last line that it printed, which of a panic is the message.
    #[error("it trapped: {0}")]
    Trap(String),
    /// There was no room for its instance. Not the guest's fault: to be tried again.
    #[error("no room for another instance: {0}")]
    Busy(String),
}

impl Fault {
    /// A word for counters.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Fuel(_) => "fuel",
            Self::Time(_) => "time",
            Self::Memory(_) => "memory",
            Self::Stack => "stack",
            Self::Answer(_) => "answer",
            Self::Reads(_) => "reads",
            Self::Keys(..) => "keys",
            Self::Trap(_) => "trap",
            Self::Busy(_) => "busy",
        }
    }

    /// What an error of wasmtime's means.
    pub(crate) fn of(error: &wasmtime::Error, state: &State) -> Self {
        let Limits { fuel, time, memory, answer, .. } = state.setting.limits;
        let cause = error.root_cause().to_string();
        if state.memory_refused {
            return Self::Memory(memory);
        }
        if let Some(fault) = error.downcast_ref::<Self>() {
            return fault.clone();
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Self::Fuel(fuel),
            Some(Trap::Interrupt) => Self::Time(time),
            Some(Trap::StackOverflow) => Self::Stack,
            // Wasmtime has no type for it that could be asked for.
            _ if cause.contains("fuel allocated for hostcalls") => Self::Answer(answer),
            _ if error.is::<wasmtime::PoolConcurrencyLimitError>() => Self::Busy(cause),
            _ => match state.log.last() {
                "" => Self::Trap(cause),
                said => Self::Trap(format!("{cause} ({said})")),
            },
        }
    }
}

//! Components that are none, or that do what no plugin does.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::Result;
use sluice_core::key::Time;
use sluice_core::limits::Limits;
use sluice_core::schema::Schema;
use sluice_core::translate::Translator;
use sluice_sandbox::{Compiler, Component, Fault, Linked, LoadError, Sandbox, Setting};

use super::Target;
use crate::corpus;
use crate::form::Form;

pub(super) struct Components;

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::new(Compiler::Here).expect("a sandbox"));

impl Target for Components {
    const NAME: &'static str = "component";
    const FORM: Form = Form::Bytes;
    /// Compiling takes most of it. In the product that is a child's, with limits of its own.
    const SLOW: Duration = Duration::from_secs(5);

    fn run(input: &[u8]) {
        match load(input) {
            Ok(()) => {}
            Err(LoadError::Fault(Fault::Busy(why))) => panic!("there is no room: {why}"),
            Err(error) => assert!(!error.to_string().is_empty(), "an error says nothing"),
        }
    }

    /// Two of the smallest guests: one that answers, and one that panics when it registers.
    fn more() -> Result<Vec<Vec<u8>>> {
        ["hostile_answer", "hostile_register"].into_iter().map(corpus::guest).collect()
    }
}

fn load(bytes: &[u8]) -> Result<(), LoadError> {
    let limits = Limits { fuel: 5_000_000, time: 500, memory: 4 << 20, answer: 64 << 10, ..Limits::default() };
    let (fuel, answer) = (limits.fuel, limits.answer);
    let component = Component::new(&SANDBOX, bytes)?;
    component.check()?;
    let translator = Arc::new(Translator::new("vc", "target").expect("names"));
    let setting = Setting { plugin: "fuzzed".into(), translator, config: "{}".into(), limits };
    let linked = Linked::new(&SANDBOX, &component, setting)?;
    // What comes next is tried even where one gives nothing, as a plugin may.
    if let Ok(schema) = linked.config_schema() {
        assert!(schema.len() <= answer, "a schema of {} bytes", schema.len());
        let _ = Schema::parse(&schema);
    }
    let plugin = linked.register()?;
    let _ = plugin.registration().asks();
    let reply = plugin.init(Time(0));
    assert!(reply.cost.fuel <= fuel, "a call took {} of {fuel} fuel", reply.cost.fuel);
    Ok(())
}

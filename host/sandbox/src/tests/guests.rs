//! What the hostile plugins come to.

use std::io::Write;
use std::sync::{Arc, Mutex};

use sluice_core::intent::{Answer, Failure};
use sluice_core::key::Time;
use sluice_core::limits::Limits;
use tracing_subscriber::fmt::MakeWriter;

use super::fixtures::{bytes, call, call_for, guest, load};
use crate::{Fault, Function, LoadError, Plugin, Request};

const NOW: Time = Time(1_700_000_000_000);

/// What a call of a guest that breaks a limit comes to.
fn fault(name: &str, function: Function) -> Fault {
    call(&guest(name), function, NOW).result.expect_err("an answer")
}

/// What a guest says as the reason for its failure.
fn said(name: &str, now: Time) -> String {
    match call(&guest(name), Function::SyncDown, now).result {
        Ok(Err(Failure::Retry(why))) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn hostile_spin_is_stopped_when_its_fuel_is_used_up() {
    let reply = call(&guest("spin"), Function::SyncDown, NOW);
    assert_eq!((reply.result, reply.cost.fuel), (Err(Fault::Fuel(400_000_000)), 400_000_000));
}

#[test]
fn hostile_memory_gets_no_more_than_its_share() {
    assert_eq!(fault("memory", Function::SyncDown), Fault::Memory(64 << 20));
}

#[test]
fn hostile_trap_is_told_with_its_panic() {
    let fault = fault("trap", Function::SyncDown);
    assert_eq!(fault.reason(), "trap");
    assert!(fault.to_string().contains("(this plugin panics whatever it is given)"), "{fault}");
}

#[test]
fn hostile_stack_ends_at_the_end_of_its_stack() {
    assert_eq!(fault("stack", Function::SyncDown), Fault::Stack);
}

#[test]
fn hostile_answer_is_not_taken_over() {
    assert_eq!(fault("answer", Function::SyncDown), Fault::Answer(8 << 20));
}

#[test]
fn hostile_reads_are_counted() {
    assert_eq!(fault("reads", Function::SyncDown), Fault::Reads(64 << 20));
}

#[test]
fn hostile_flood_writes_a_few_lines_and_no_more() {
    for (function, first) in [(Function::SyncDown, "INFO plugin: flood flood"), (Function::Sync, "DEBUG plugin: flood")]
    {
        let log = Log::default();
        let layer = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).without_time().with_ansi(false);
        let subscriber = layer.with_writer(log.clone()).finish();
        let fault = tracing::subscriber::with_default(subscriber, || fault("flood", function));
        assert!(matches!(fault, Fault::Reads(_) | Fault::Fuel(_)), "{fault}");

        let log = log.text();
        let lines: Vec<_> = log.lines().map(str::trim_start).collect();
        assert!(lines[0].starts_with(first), "{}", lines[0]);
        assert!(lines[0].ends_with(r#" plugin="tested" about="ConfigMap default/a""#), "{}", lines[0]);
        assert!(lines.iter().all(|line| line.len() < 1_200));
        assert_eq!(lines.len(), 33);
        assert!(lines[32].contains("WARN plugin: it says more than it may in one call"), "{}", lines[32]);
    }
}

#[test]
fn what_a_guest_says_that_was_shown_a_secret_is_withheld() {
    let withheld = "what it says is withheld, as it was shown a Secret";
    let said = |name: &str, kind: &str| {
        let log = Log::default();
        let layer = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).without_time().with_ansi(false);
        let subscriber = layer.with_writer(log.clone()).finish();
        let call = || call_for(&guest(name), Function::SyncDown, (kind, "a"), &Arc::default(), NOW).result;
        (tracing::subscriber::with_default(subscriber, call), log.text())
    };
    let (answer, _) = said("remember", "Secret");
    assert_eq!(answer, Ok(Err(Failure::Retry(withheld.into()))));
    let (answer, log) = said("trap", "Secret");
    let (shown, _) = said("trap", "ConfigMap");
    let words = |answer: Result<Answer, Fault>| answer.expect_err("an answer").to_string();
    let (hidden, shown) = (words(answer), words(shown));
    assert!(shown.ends_with(')') && shown.starts_with(&hidden), "{hidden}; {shown}");
    assert!(log.is_empty() || log.contains(withheld), "{log}");
    let (_, log) = said("flood", "Secret");
    assert_eq!(log.lines().filter(|line| line.contains(withheld)).count(), 1, "{log}");
    assert!(!log.contains("flood"), "{log}");
}

#[test]
fn hostile_register_does_not_become_a_plugin() {
    let error = load(&bytes("register"), Limits::default()).map(drop).expect_err("a plugin");
    assert!(matches!(&error, LoadError::Fault(Fault::Trap(_))), "{error:?}");
    let error = error.to_string();
    assert!(error.starts_with("it failed while registering: it trapped: "), "{error}");
    assert!(error.contains("(this plugin does not even register); it has to be repaired"), "{error}");
}

#[test]
fn hostile_remember_remembers_nothing() {
    let plugin = guest("remember");
    for _ in 0..3 {
        let said = call(&plugin, Function::SyncDown, NOW).result;
        assert_eq!(said, Ok(Err(Failure::Retry("called 0 times before".into()))));
    }
}

#[test]
fn hostile_spy_sees_nothing() {
    let said = said("spy", NOW);
    assert!(said.starts_with(r#"0 variables, 0 arguments, input "", seed "#), "{said}");
}

#[test]
fn hostile_spy_finds_no_randomness_but_the_time_of_its_call() {
    assert_eq!(said("spy", NOW), said("spy", NOW));
    assert_ne!(said("spy", NOW), said("spy", Time(NOW.0 + 1)));
}

#[test]
fn hostile_spy_ends_no_program_but_its_own() {
    let fault = fault("spy", Function::Sync);
    assert_eq!((fault.reason(), fault.to_string().as_str()), ("trap", "it trapped: it called exit"));
}

#[test]
fn the_same_call_costs_the_same_and_gives_the_same() {
    let (one, other) = (guest("forge"), guest("forge"));
    for function in [Function::SyncDown, Function::Sync, Function::SyncUp] {
        let [first, second, third] = [&one, &one, &other].map(|plugin| call(plugin, function, NOW));
        let answer = first.result.expect("an answer");
        assert_eq!((answer.clone().map(|intents| intents.len()), first.cost.fuel > 1_000), (Ok(1), true));
        assert_eq!((second.result, second.cost), (Ok(answer.clone()), first.cost));
        assert_eq!((third.result, third.cost), (Ok(answer), first.cost));
    }
}

#[test]
fn hostile_intercept_costs_and_answers_the_same() {
    let ask = |plugin: &Plugin, path: &str| {
        let (interceptor, method, path) = ("intercept", "PUT".to_owned(), path.to_owned());
        let (headers, body) = (vec![("x-a".to_owned(), b"1".to_vec())], b"body".to_vec());
        plugin.intercept(Request { interceptor, method, path, headers, body, now: NOW })
    };
    let (one, other) = (guest("intercept"), guest("intercept"));
    let [first, second, third] = [&one, &one, &other].map(|plugin| ask(plugin, "/way/echo?a=b"));
    let answer = first.result.expect("an answer");
    let body = r#"{"bytes":4,"headers":[["x-a","1"]],"method":"PUT","path":"/way/echo","query":"a=b"}"#;
    assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (200, body));
    assert_eq!((second.result, second.cost), (Ok(answer.clone()), first.cost));
    assert_eq!((third.result, third.cost), (Ok(answer), first.cost));
    for (path, fault) in [("/way/spin", Fault::Fuel(400_000_000)), ("/way/large", Fault::Answer(8 << 20))] {
        assert_eq!(ask(&one, path).result, Err(fault), "{path}");
    }
}

/// What is logged in a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("the log").clone()).expect("text")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

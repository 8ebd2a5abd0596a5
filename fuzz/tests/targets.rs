//! Each target on its corpus, and on what two seconds make of it. `cargo xtask fuzz` goes on for longer.

use std::time::{Duration, Instant};

use sluice_fuzz::target::find;
use sluice_fuzz::{case, trial};

/// The same for all, so that a run that failed fails again.
const SEED: u64 = 1;

/// A finding is kept, and told with the command that tries it again.
fn fuzz(name: &str) {
    let target = find(name).expect("a target");
    let corpus = target.corpus().expect("a corpus");
    assert!(corpus.len() >= 10, "{name} has a corpus of {}", corpus.len());
    let began = Instant::now();
    let mut run = 0;
    while run < corpus.len() as u64 || began.elapsed() < Duration::from_secs(2) {
        let input = case(target.form, &corpus, SEED, run);
        if let Err(said) = trial::run(&target, &input) {
            let kept = trial::keep(name, &input).expect("a folder for findings");
            panic!("{name}, run {run} of seed {SEED}: {said}\nto try it again: {}", trial::replay(&kept));
        }
        run += 1;
    }
}

#[test]
fn fuzz_object_intake_keeps_all_but_what_it_takes_out() {
    fuzz("object");
}

#[test]
fn fuzz_config_errors_quote_nothing_and_what_is_read_is_what_is_written() {
    fuzz("config");
}

#[test]
fn fuzz_names_lead_there_and_back_and_apart_is_apart() {
    fuzz("names");
}

#[test]
fn fuzz_registration_is_whole_and_granted_what_it_asks() {
    fuzz("registration");
}

#[test]
fn fuzz_schema_checks_end() {
    fuzz("schema");
}

#[test]
fn fuzz_plan_leaves_identity_and_grants_alone() {
    fuzz("plan");
}

#[test]
fn fuzz_component_becomes_a_plugin_or_an_error() {
    fuzz("component");
}

#[test]
fn fuzz_bundle_is_the_plugin_or_nothing() {
    fuzz("bundle");
}

//! `docs/src/limits.md`, from the tables.

use std::fmt::Write;

use super::{FIXED, TABLE};

const HEAD: &str = "# Limits

What a plugin may use. This file is made from the table in `host/core/src/limits.rs`.

What is not set in the file that `--config` names is as by default:

```yaml
plugins:
  NAME:
    limits:
      memory: 128Mi            # bytes: a number, or a quantity of Ki, Mi, Gi, k, M, G
      time: 2000               # times: milliseconds
      logLinesPerSecond: 10    # all else: a number
```

A limit that there is not, or a value out of its bounds, is refused at the start.

A call that goes beyond its fuel, time, memory, answer, reads, handles, intents or keys fails: nothing of it is done,
and it is tried again with growing pauses. What goes beyond a limit of the log is left out. Writes wait for their turn.

| limit | default | least | most | why |
|---|---|---|---|---|
";

const FIXED_HEAD: &str = "
## The same for all plugins

| limit | value | why |
|---|---|---|
";

const FOOT: &str = "
## What fuel is in time

Fuel is the same on every machine, time is not. What a million fuel takes on yours, for a short loop and for a walk
through memory that waits at each instruction, and what the clock behind `time` adds to that, is printed by
`cargo test -p sluice-sandbox --lib -- --ignored --nocapture cost_of_the_clock`. On a machine of two cores it was 0.1 ms
and 104 ms: so the default fuel is 0.04 s of the one, and would be 42 s of the other if `time` did not end it.

Bulk instructions such as `memory.fill` cost one fuel for each byte, so that they are no way around it. What is one is
to wait for memory: that is what `time` is for.

## Beside others

When a call computed for more than 20 ms, the next ones of its plugin stand behind all else that the process does, until
one was short again. Where nobody else wants the processor that costs nothing, and where somebody does they have a tenth
of it: so what a plugin wastes is its own time, which `cargo xtask bench hostile` shows.

## Set aside

A plugin of which 20 calls in a row fail by its own fault, on at least 5 objects and without one success between, is set
aside: its syncers are not called until `quarantine` is over. Then it is tried again: one success, and all is forgotten;
failures on 5 objects, and it is set aside for twice as long, up to 30 minutes. What an API server refuses, and what a
plugin says itself, is no such failure.

The log says so, and so does an Event on the ConfigMap `sluice-NAME` in the target namespace: `PluginQuarantined`, and
`PluginReleased` when it is tried again. Watches go on meanwhile, and when it comes back, all that has changed is looked
at. Its hooks are called as ever, and one that fails denies; its interceptors are, too.
";

/// The whole file.
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for limit in TABLE {
        let [default, min, max] = [limit.default, limit.min, limit.max].map(|value| limit.unit.print(value));
        let name = format!("`{}`{}", limit.name, unit(limit.unit.name()));
        let _ = writeln!(text, "| {name} | {default} | {min} | {max} | {} |", limit.why);
    }
    text.push_str(FIXED_HEAD);
    for fixed in FIXED {
        let _ = writeln!(text, "| {} | {} | {} |", fixed.name, fixed.unit.print(fixed.value), fixed.why);
    }
    text.push_str(FOOT);
    text
}

fn unit(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(",{name}") }
}

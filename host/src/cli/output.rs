//! What the commands print.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this module is for")]

use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::Value;

/// How objects are printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    Yaml,
    Json,
}

/// Prints values, parted as their format parts them.
pub(crate) fn print(values: &[Value], format: Format) -> anyhow::Result<()> {
    for (index, value) in values.iter().enumerate() {
        match format {
            Format::Yaml => {
                if index > 0 {
                    println!("---");
                }
                print!("{}", serde_saphyr::to_string(value)?);
            }
            Format::Json => println!("{}", serde_json::to_string_pretty(value)?),
        }
    }
    Ok(())
}

/// Prints lines.
pub(crate) fn say(text: &str) {
    print!("{}", plain(text));
}

/// Without what would do something to a terminal: what plugins say of themselves is among it.
fn plain(text: &str) -> String {
    text.chars().map(|char| if char.is_control() && char != '\n' { ' ' } else { char }).collect()
}

/// Says what went wrong, in one message. A cause that its error tells already is not told twice.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    let message = error
        .chain()
        .map(ToString::to_string)
        .reduce(|told, cause| if told.contains(&cause) { told } else { format!("{told}: {cause}") });
    eprintln!("error: {}", plain(&message.unwrap_or_default()));
    ExitCode::FAILURE
}

//! Messages to the operator, one line each: `log::info!("{} keys", keys.len())`. The runtime adds the plugin's name
//! and the object's key, and limits their length and rate.

use std::fmt::Arguments;
use std::io::Write;

use crate::bindings::imports::sluice::plugin::log as runtime;

#[doc(inline)]
pub use crate::{__debug as debug, __error as error, __info as info, __warn as warn};
#[doc(hidden)]
pub use runtime::Level;

#[doc(hidden)]
pub fn write(level: Level, message: Arguments<'_>) {
    if cfg!(target_family = "wasm") {
        runtime::log(level, &message.to_string());
    } else {
        // A plugin's own tests run without a runtime. That they cannot write is no reason to fail.
        let _ = writeln!(std::io::stderr(), "{level:?}: {message}");
    }
}

/// For whoever looks for a fault.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Debug, format_args!($($message)+)) };
}

/// For whoever wants to know what happens.
#[doc(hidden)]
#[macro_export]
macro_rules! __info {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Info, format_args!($($message)+)) };
}

/// Something is not as it should be.
#[doc(hidden)]
#[macro_export]
macro_rules! __warn {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Warn, format_args!($($message)+)) };
}

/// Something failed.
#[doc(hidden)]
#[macro_export]
macro_rules! __error {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Error, format_args!($($message)+)) };
}

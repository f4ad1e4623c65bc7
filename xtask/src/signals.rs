//! Ctrl-C and SIGTERM, as a flag that simulations heed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit::Exit;
use crate::output::complain;

/// The first Ctrl-C or SIGTERM asks the run to stop; the second one ends the process.
pub(crate) struct Signals {
    /// Raised by the first one.
    pub(crate) stop: Arc<AtomicBool>,
    caught: Arc<AtomicUsize>,
}

impl Signals {
    /// From now on.
    pub(crate) fn watch() -> Result<Self, Exit> {
        Signals::register().map_err(|error| {
            complain(format!("error: cannot watch for signals: {error}"));
            Exit::Io
        })
    }

    fn register() -> std::io::Result<Self> {
        let signals = Signals { stop: Arc::default(), caught: Arc::default() };
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&signals.stop))?;
            flag::register_usize(signal, Arc::clone(&signals.caught), usize::try_from(signal).unwrap_or(0))?;
            flag::register(signal, Arc::clone(&signals.stop))?;
        }
        Ok(signals)
    }

    /// The signal that asked the run to stop.
    pub(crate) fn caught(&self) -> Option<u8> {
        u8::try_from(self.caught.load(Ordering::Relaxed)).ok().filter(|signal| *signal > 0)
    }
}

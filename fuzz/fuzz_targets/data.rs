//! Invents bytes for [`fuzz::data`].

#![no_main]

// Panics of polars are caught by the engine; only those that come out end the fuzzer.
libfuzzer_sys::fuzz_target!(init: drop(std::panic::take_hook()), |bytes: &[u8]| fuzz::data(bytes));

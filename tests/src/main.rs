//! The `xtask` binary once more, so that Cargo builds it for the end-to-end tests of this package.

fn main() -> std::process::ExitCode {
    xtask::main()
}

//! `cargo xtask` as a program of its own: `cargo install --path xtask --bin engine --profile dev`.

fn main() -> std::process::ExitCode {
    xtask::main()
}


# `cargo xtask …` completes like `xtask …`: cargo's own completion calls this function for its subcommand.
_cargo-xtask() {
    _xtask "$@"
}

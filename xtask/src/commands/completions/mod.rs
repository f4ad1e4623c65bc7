//! `completions`: scripts by which shells complete `xtask`, and where they can, `cargo xtask`.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use crate::Cli;
use crate::exit::Exit;
use crate::output::{complain, print};

/// How to install the scripts.
pub(crate) const HELP: &str = "\
Install (the file may stand elsewhere; make it anew when commands change):
  bash        cargo xtask completions bash > ~/.xtask.bash
              echo 'source ~/.xtask.bash' >> ~/.bashrc
  zsh         cargo xtask completions zsh > ~/.xtask.zsh
              echo 'source ~/.xtask.zsh' >> ~/.zshrc   # after compinit
  fish        cargo xtask completions fish > ~/.config/fish/conf.d/xtask.fish
  powershell  cargo xtask completions powershell >> $PROFILE
  elvish      cargo xtask completions elvish >> ~/.config/elvish/rc.elv

For bash, zsh and fish they complete `cargo xtask …`, beside what completes cargo itself, and the program `xtask`, which \
`cargo install --path xtask` installs and which does the same; for powershell and elvish that program only.";

/// What makes `cargo xtask …` complete like `xtask …`.
fn beside_cargo(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("cargo.bash"),
        Shell::Zsh => include_str!("cargo.zsh"),
        Shell::Fish => include_str!("cargo.fish"),
        _ => "",
    }
}

pub(crate) fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "xtask", &mut script);
    match String::from_utf8(script) {
        Ok(script) => {
            print(format!("{}\n{}", script.trim_end(), beside_cargo(shell)).trim_end());
            Exit::Success
        }
        Err(error) => {
            complain(format!("error: cannot write the script: {error}"));
            Exit::Bug
        }
    }
}

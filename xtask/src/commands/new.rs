//! `new`: a spec that is started from an existing one.

use std::path::Path;

use engine::spec::start::{StartError, start};

use crate::exit::Exit;
use crate::output::{complain, print, refuse};

pub(crate) fn new(name: &str, from: &Path) -> Exit {
    match start(name, from) {
        Ok(path) => {
            let path = path.display();
            print(&format!(
                "{path}\n\nIt runs as it is. Give it a title, change what you want to know about, and go on with"
            ));
            for command in ["validate", "plan", "run"] {
                print(&format!("  cargo xtask {command} {path}"));
            }
            Exit::Success
        }
        Err(StartError::Load(error)) => refuse(&error),
        Err(error) => {
            complain(format!("error: {error}"));
            if matches!(error, StartError::Store(_)) { Exit::Io } else { Exit::Usage }
        }
    }
}

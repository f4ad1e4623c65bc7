//! `report`: one page of everything that is stored.

use engine::report::site;
use engine::spec::Outline;

use super::specs;
use crate::args::StoredArgs;
use crate::exit::Exit;
use crate::output::{complain, print, refuse};

/// Writes the page, and of all specs also its overview in Markdown; bad specs and damaged results are named on it, and make the command fail.
pub(crate) fn report(args: &StoredArgs) -> Exit {
    let paths = match specs(args) {
        Ok(paths) => paths,
        Err(exit) => return exit,
    };
    let (mut outlines, mut unreadable, mut exit) = (Vec::new(), Vec::new(), Exit::Success);
    for path in paths {
        match Outline::load(&path) {
            Ok(outline) => outlines.push(outline),
            Err(error) => {
                exit = exit.max(refuse(&error));
                unreadable.push(path);
            }
        }
    }
    match site::write(outlines, &unreadable, &args.out, args.specs.is_empty()) {
        Ok(damage) => {
            print(&format!("report: {}", args.out.join(site::FILE).display()));
            for sentence in damage {
                complain(format!("error: {sentence}"));
                exit = exit.max(Exit::Io);
            }
            exit
        }
        Err(error) => {
            complain(format!("error: {error}"));
            exit.max(Exit::Io)
        }
    }
}

//! `diff`: what moved between two results of one spec.

use std::path::{Path, PathBuf};

use engine::EngineError;
use engine::compare::{Comparison, FAMILY_WISE_ERROR, Incomparable};
use engine::report::comparison;
use engine::spec::Outline;
use engine::store::{Results, StoreError, baseline};

use crate::args::DiffArgs;
use crate::exit::Exit;
use crate::output::{Format, complain, print, print_json, refuse, table};

/// Compares two folders, or a folder with its baseline.
pub(crate) fn diff(args: &DiffArgs) -> Exit {
    let (before, after) = match folders(args) {
        Ok(folders) => folders,
        Err(exit) => return exit,
    };
    let read = |folder: &Path| {
        Results::read(folder).map_err(|error| {
            let is_missing_baseline =
                args.b.is_none() && folder == before && matches!(error, StoreError::Missing { .. });
            match is_missing_baseline {
                true => {
                    complain(format!("error: {} has no baseline: make one with cargo xtask accept", after.display()))
                }
                false => complain(format!("error: {error}")),
            }
            Exit::from(&EngineError::Store(error))
        })
    };
    let (old, new) = match (read(&before), read(&after)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(a), Err(b)) => return a.max(b),
        (Err(exit), _) | (_, Err(exit)) => return exit,
    };
    match Comparison::new(&old, &new, FAMILY_WISE_ERROR) {
        Ok(comparison) => {
            show(&comparison, &before, &after, args.format);
            if comparison.has_moved() { Exit::Refuted } else { Exit::Success }
        }
        Err(error) => {
            complain(format!("error: {error}"));
            match error {
                Incomparable::Specs { .. } => Exit::Usage,
                Incomparable::Unnamed { .. } | Incomparable::Disjoint => Exit::Undecided,
            }
        }
    }
}

/// The two folders that are meant, the earlier one first.
fn folders(args: &DiffArgs) -> Result<(PathBuf, PathBuf), Exit> {
    let a = folder(&args.a, &args.out)?;
    match &args.b {
        Some(b) => Ok((a, folder(b, &args.out)?)),
        None => Ok((baseline::folder_of(&a), a)),
    }
}

/// A folder of results, or that of a spec file.
fn folder(path: &Path, out: &Path) -> Result<PathBuf, Exit> {
    if path.extension().is_none_or(|extension| extension != "toml") {
        return Ok(path.to_owned());
    }
    match Outline::load(path) {
        Ok(outline) => Ok(out.join(outline.place())),
        Err(error) => Err(refuse(&error)),
    }
}

fn show(comparison: &Comparison, before: &Path, after: &Path, format: Format) {
    if format == Format::Json {
        print_json(comparison);
        return;
    }
    let mut parts = vec![
        format!("{}: {} → {}", comparison.spec, before.display(), after.display()),
        comparison::preamble(comparison),
    ];
    let tables = [
        table(format, &comparison::VERDICT_TITLES, &comparison::verdicts(comparison)),
        table(format, &comparison::VALUE_TITLES, &comparison::values(comparison)),
    ];
    parts.extend(tables.into_iter().flatten().map(|table| format!("\n{table}")));
    let notes = comparison::notes(comparison);
    parts.extend((!notes.is_empty()).then(|| format!("\n{}", notes.join("\n"))));
    parts.push(format!("\n{}", comparison::summary(comparison)));
    print(&parts.join("\n"));
}

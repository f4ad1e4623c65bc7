//! `diff`: what moved between two results of one spec.

use std::path::{Path, PathBuf};

use engine::EngineError;
use engine::compare::{Comparison, FAMILY_WISE_ERROR, Incomparable};
use engine::report::comparison;
use engine::spec::Outline;
use engine::store::{Results, StoreError, baseline};

use crate::DiffArgs;
use crate::exit::Exit;
use crate::format::Format;
use crate::output::{aligned, complain, markdown, print};

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
        Err(error) => {
            complain(&error);
            Err(Exit::from(&error))
        }
    }
}

fn show(comparison: &Comparison, before: &Path, after: &Path, format: Format) {
    if format == Format::Json {
        match serde_json::to_string_pretty(comparison) {
            Ok(text) => _ = print(&text),
            Err(error) => complain(format!("error: cannot write the comparison: {error}")),
        }
        return;
    }
    let table = if format == Format::Markdown { markdown } else { aligned };
    let mut parts = vec![
        format!("{}: {} → {}", comparison.spec, before.display(), after.display()),
        comparison::preamble(comparison),
    ];
    let tables = [comparison::verdicts(comparison), comparison::values(comparison)];
    parts.extend(tables.iter().flatten().map(|rows| format!("\n{}", table(rows))));
    let notes = comparison::notes(comparison);
    parts.extend((!notes.is_empty()).then(|| format!("\n{}", notes.join("\n"))));
    parts.push(format!("\n{}", comparison::summary(comparison)));
    print(&parts.join("\n"));
}

//! `verify`: are stored results what their specs give?

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use engine::store::Manifest;
use engine::verify::{Verified, VerifyOptions, hashes, verify as verify_results};
use engine::{EngineError, Spec};

use super::{load, specs};
use crate::args::{StoredArgs, VerifyArgs};
use crate::exit::Exit;
use crate::output::{complain, print};
use crate::signals::Signals;

pub(crate) fn verify(args: &VerifyArgs) -> Exit {
    let paths = match specs(&StoredArgs { specs: args.paths.clone(), out: args.out.clone() }) {
        Ok(paths) => paths,
        Err(exit) => return exit,
    };
    let signals = match Signals::watch() {
        Ok(signals) => signals,
        Err(exit) => return exit,
    };
    // Another choice each time: what was not simulated again today may be tomorrow.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let options = VerifyOptions {
        fraction: args.share,
        draw: args.draw.unwrap_or(now % 1_000_000),
        threads: args.threads.map(usize::from),
    };
    let mut exit = Exit::Success;
    for path in &paths {
        exit = exit.max(one(path, args, &options, &signals));
        if matches!(exit, Exit::Interrupted(_)) {
            break;
        }
    }
    exit
}

/// Verifies the results of a spec, or in a folder.
fn one(path: &Path, args: &VerifyArgs, options: &VerifyOptions, signals: &Signals) -> Exit {
    let file = if path.is_dir() { spec_of(path, &args.out) } else { Some(path.to_owned()) };
    let spec = match file.map(|file| load(&file, None)).transpose() {
        Ok(spec) => spec,
        Err(exit) => return exit,
    };
    let out = match &spec {
        Some(spec) if !path.is_dir() => args.out.join(spec.place()),
        _ => path.to_owned(),
    };
    let verified = match &spec {
        Some(spec) => verify_results(spec, &out, options, &signals.stop),
        None => hashes(&out).map_err(EngineError::from),
    };
    match verified {
        Ok(verified) => say(&out, &verified, spec.as_ref(), options),
        Err(error) => {
            complain(format!("error: {}: {error}", out.display()));
            match (&error, signals.caught()) {
                (EngineError::Stopped, Some(signal)) => Exit::Interrupted(signal),
                _ => Exit::from(&error),
            }
        }
    }
}

/// The spec below `specs` whose results a folder holds, if it is there, and the folder is not of another seed.
fn spec_of(folder: &Path, out: &Path) -> Option<PathBuf> {
    let below = folder.strip_prefix(out).ok()?;
    let name = Manifest::read(folder).ok()?.spec;
    let file = Path::new("specs").join(below).with_extension("toml");
    (below.file_name()?.to_str()? == name && file.exists()).then_some(file)
}

fn say(out: &Path, verified: &Verified, spec: Option<&Spec>, options: &VerifyOptions) -> Exit {
    let out = out.display();
    verified.damaged.iter().for_each(|error| complain(format!("error: {error}")));
    verified.different.iter().for_each(|sentence| complain(format!("error: {out}: {sentence}")));
    let Verified { files, parts, sections, of_sections, .. } = verified;
    let mut line = format!("{out}: {files} files and {parts} parts have their hashes");
    if verified.other_parts > 0 {
        line += &format!(" ({} parts are of other versions of the spec)", verified.other_parts);
    }
    match (&verified.damaged[..], spec) {
        ([], Some(_)) => {
            let same = sections - verified.different.iter().filter(|text| text.starts_with("section")).count();
            line += &format!(
                "; {same} of {sections} sections drawn from {of_sections} (--draw {}) come out bit for bit the same",
                options.draw
            );
        }
        ([], None) => line += "; there is no spec below specs to make them again",
        _ => line += &format!("; {} do not, and nothing was made again", verified.damaged.len()),
    }
    print(&line);
    match (verified.damaged.is_empty(), verified.different.is_empty()) {
        (false, _) => Exit::Io,
        (true, false) => Exit::Refuted,
        (true, true) => Exit::Success,
    }
}

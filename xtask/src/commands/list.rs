//! `list`: what each spec claims, and its stored verdict.

use engine::Verdict;
use engine::report::json::{Listed, listed};
use engine::report::markdown;
use engine::spec::Outline;
use engine::store::{Manifest, StoreError};

use super::specs;
use crate::args::ShownArgs;
use crate::exit::Exit;
use crate::output::{Format, OutputArgs, complain, painted, print, print_json, refuse, width, wrapped};

/// How far verdicts push the claims to the right.
const VERDICT: usize = 10;

pub(crate) fn list(args: &ShownArgs) -> Exit {
    let paths = match specs(&args.stored) {
        Ok(paths) => paths,
        Err(exit) => return exit,
    };
    let (mut all, mut exit) = (Vec::new(), Exit::Success);
    for path in paths {
        let outline = match Outline::load(&path) {
            Ok(outline) => outline,
            Err(error) => {
                exit = exit.max(refuse(&error));
                continue;
            }
        };
        let claims = match Manifest::read(&args.stored.out.join(outline.place())) {
            Ok(manifest) if manifest.spec_hash != outline.hash => listed(&outline, |_| "stale"),
            Ok(manifest) => listed(&outline, |claim| manifest.claims.get(claim).map_or("not run", String::as_str)),
            Err(StoreError::Missing { .. }) => listed(&outline, |_| "not run"),
            Err(error) => {
                complain(format!("error: {error}"));
                exit = exit.max(Exit::Io);
                continue;
            }
        };
        if args.output.format == Format::Table {
            print(&format!("{}: {}", outline.file, outline.raw.title));
            lines(&claims, args.output);
        }
        all.extend(claims);
    }
    match args.output.format {
        Format::Table => {}
        Format::Json => exit = exit.max(print_json(&all)),
        Format::Markdown => {
            let rows: Vec<_> =
                all.into_iter().map(|claim| [claim.spec, claim.claim, claim.verdict, claim.says]).collect();
            print(markdown::table(&["spec", "claim", "verdict", "says"], &rows).trim_end());
        }
    }
    exit
}

fn lines(claims: &[Listed], output: OutputArgs) {
    let is_coloured = output.color.is_on();
    for claim in claims {
        let padded = format!("{:<VERDICT$}", claim.verdict);
        let verdict = match Verdict::from_word(&claim.verdict) {
            Some(verdict) if is_coloured => painted(verdict, &padded),
            _ => padded,
        };
        let sentence = format!("{}: {}", claim.claim, claim.says);
        let indent = VERDICT + 3;
        let text = match width() {
            Some(width) if width > 2 * indent => wrapped(&sentence, indent, width).join("\n").trim_start().to_owned(),
            _ => sentence,
        };
        print(&format!("  {verdict} {text}"));
    }
}

//! `selftest`: which injected errors the claims of a spec would catch.

use engine::report::markdown;
use engine::report::selftest::{COLUMNS, lines, notes, summary, titles};
use engine::selftest::{Selftest, selftest};
use engine::spec::Outline;
use engine::{LoadError, Spec};

use super::specs;
use crate::args::ShownArgs;
use crate::exit::Exit;
use crate::output::{Format, Table, complain, print, print_json, refuse, width, wrapped};

/// What its help ends with.
pub(crate) const HELP: &str = "Each error breaks the theory of a spec, or its data, and nothing else: a covariance that is twice or half as \
large, steps 5 % larger, a law without its mean or its second-order term, a transposed rotation, sections that share one seed. \
The stored data are judged again, without simulating.

Exit codes:
    0  each error that a claim should see is caught by one
    1  an error is caught by none of the claims that should see it
    2  wrong usage, or a bad spec
    3  there are no results: run the spec first
    4  results are damaged

Examples:
  cargo xtask selftest specs/exp6.toml
  cargo xtask selftest specs/exp6.toml --format json | jq '.[].claims[] | {claim, resolving}'";

/// Claim and errors tell what there is to know.
const NARROW: [usize; COLUMNS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

pub(crate) fn run(args: &ShownArgs) -> Exit {
    let paths = match specs(&args.stored) {
        Ok(paths) => paths,
        Err(exit) => return exit,
    };
    let (mut all, mut exit) = (Vec::new(), Exit::Success);
    for path in paths {
        let (spec, outline) = match load(&path) {
            Ok(loaded) => loaded,
            Err(error) => {
                exit = exit.max(refuse(&error));
                continue;
            }
        };
        match selftest(&spec, &outline, &args.stored.out.join(spec.place())) {
            Ok(tested) => {
                let is_complete = tested.uncaught().next().is_none();
                exit = exit.max(if is_complete { Exit::Success } else { Exit::Refuted });
                show(&tested, args.output.format, all.is_empty());
                all.push(tested);
            }
            Err(error) => {
                complain(format!("error: {}: {error}", spec.name));
                exit = exit.max(Exit::from(&error));
            }
        }
    }
    match args.output.format {
        Format::Json => exit.max(print_json(&all)),
        Format::Table | Format::Markdown => exit,
    }
}

fn load(path: &std::path::Path) -> Result<(Spec, Outline), LoadError> {
    let outline = Outline::load(path)?;
    let spec = Spec::parse(&outline.name, &outline.file, &outline.text, None)?;
    Ok((spec, outline))
}

fn show(tested: &Selftest, format: Format, is_first: bool) {
    let (titles, lines) = (titles(), lines(tested));
    let heading = format!("{}: {}", tested.spec, tested.title);
    match format {
        Format::Json => {}
        Format::Markdown => {
            let gap = if is_first { "" } else { "\n" };
            print(&format!(
                "{gap}## {}\n\n{}",
                markdown::escape(&heading),
                markdown::table(&titles, &lines).trim_end()
            ));
            notes(tested).iter().for_each(|note| _ = print(&format!("\n{}", markdown::escape(note))));
            print(&format!("\n{}", markdown::escape(&summary(tested))));
        }
        Format::Table => {
            print(&format!("\n{heading}"));
            let texts = lines.iter().map(|line| line.each_ref().map(String::as_str));
            let table = Table { rows: std::iter::once(titles).chain(texts).collect(), narrow: NARROW };
            let _ = table.lines(width(), |_, _, text| text.to_owned()).iter().all(|line| print(line));
            for note in notes(tested).into_iter().chain([summary(tested)]) {
                let lines = width().map_or_else(|| vec![note.clone()], |width| wrapped(&note, 0, width.min(120)));
                print("");
                let _ = lines.iter().all(|line| print(line));
            }
        }
    }
}

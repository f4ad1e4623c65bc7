//! The guide in `docs`: its links lead somewhere, its commands and snippets print what it shows, its tables are those of the
//! files.
//!
//! A page is followed from its first block to its last in a folder of its own, with copies of our specs. What stands behind
//! a fence says what becomes of the block:
//!
//! - ```` ```console ````: each `$ COMMAND` prints what follows it, where a line `…` stands for any lines;
//! - ```` ```toml FILE ````: is added to the end of FILE;
//! - ```` ```diff FILE [NEW] ````: lines that go and lines that come, in FILE or in a copy of it that is called NEW;
//! - ```` ```python ````, ```` ```r ````: a script, which prints the ```` ```text ```` block that follows it, if there is one;
//! - any of them with `unchecked`, and all others: are only read.
//!
//! `GUIDE=rewrite cargo test -p tests --test guide` writes what was printed into the pages.

mod common;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use common::cli::Workplace;
use common::markdown::{Block, anchors, blocks, files, links, repository, table_rows};
use polars::prelude::*;

#[test]
fn links_and_anchors_lead_somewhere() {
    let mut broken = Vec::new();
    for path in files(&repository(), ".md") {
        let text = std::fs::read_to_string(&path).expect("text");
        for link in links(&text).into_iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name("").join(file) };
            let has_anchor =
                || std::fs::read_to_string(&target).is_ok_and(|text| anchors(&text).iter().any(|a| a == anchor));
            if !target.exists() || !(anchor.is_empty() || has_anchor()) {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_index_names_every_page() {
    let index = std::fs::read_to_string(repository().join("docs/README.md")).expect("an index");
    for path in files(&repository().join("docs"), ".md") {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(name == "README.md" || links(&index).contains(&name), "docs/README.md does not lead to {name}");
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(text.lines().count() <= 150, "{name} has {} lines", text.lines().count());
        let runs = |block: &Block| ["console", "python", "r"].contains(&&*block.language) && is_checked(block);
        assert!(!blocks(&text).iter().any(runs) || FOLLOWED.contains(&&*name), "no test follows {name}");
    }
}

/// The pages that the tests below follow.
const FOLLOWED: [&str; 7] = [
    "first-run.md",
    "reading-a-verdict.md",
    "writing-a-spec.md",
    "tables.md",
    "python-and-r.md",
    "editors.md",
    "clusters.md",
];

#[test]
fn the_first_run_prints_what_its_page_shows() {
    follow("first-run.md");
}

#[test]
fn the_three_verdicts_are_those_of_their_page() {
    follow("reading-a-verdict.md");
}

#[test]
fn the_spec_that_is_written_step_by_step_runs() {
    follow("writing-a-spec.md");
}

#[test]
fn a_verdict_recomputed_from_the_tables_is_the_stored_one() {
    follow("tables.md");
}

#[test]
fn snippets_in_python_and_r_print_what_their_page_shows() {
    follow("python-and-r.md");
}

#[test]
fn shards_print_what_their_page_shows() {
    follow("clusters.md");
}

#[test]
fn editors_are_told_what_their_page_says() {
    follow("editors.md");
}

#[test]
fn the_documented_columns_are_those_that_are_written() {
    let workplace = Workplace::new();
    lay_out_specs(&workplace);
    assert_eq!(workplace.run(&["run", "specs/example.toml"]).code, Some(0));
    let part = workplace.contents("reports/example/parts").into_keys().next().expect("a part");
    let page = std::fs::read_to_string(repository().join("docs/tables.md")).expect("a page");
    for (title, file) in
        [("cells.parquet", "cells.parquet"), ("claims.parquet", "claims.parquet"), ("parts", &*format!("parts/{part}"))]
    {
        let file = std::fs::File::open(workplace.path("reports/example").join(file)).expect("a table");
        let frame = ParquetReader::new(file).finish().expect("readable");
        let written: Vec<_> = frame.columns().iter().map(|c| (c.name().to_string(), c.dtype().to_string())).collect();
        let section = page.split("\n## ").find(|section| section.starts_with(&format!("`{title}"))).expect(title);
        let rows = table_rows(section).into_iter().skip(1);
        let documented: Vec<_> = rows.map(|row| (row[0].clone(), row[1].clone())).collect();
        assert_eq!(documented, written, "{title}");
    }
}

#[test]
fn the_first_page_shows_the_verdicts_of_the_stored_report() {
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).expect("text");
    let (readme, report) = (read("README.md"), read("reports/exp6/README.md"));
    let shown = blocks(&readme).into_iter().find(|block| block.content.contains("run specs/exp6.toml")).expect("a run");
    let stored: Vec<String> = table_rows(&report).iter().map(|row| row.join(" ").replace("**", "")).collect();
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let rows: Vec<String> = shown.content.lines().skip(3).map(words).collect();
    assert!(rows.len() == 4 && rows.iter().all(|row| stored.contains(row)), "{rows:#?} are not all in {stored:#?}");
}

/// Does what a page in `docs` says, block by block.
fn follow(name: &str) {
    let path = repository().join("docs").join(name);
    let text = std::fs::read_to_string(&path).expect("a page");
    let workplace = Workplace::new();
    lay_out_specs(&workplace);
    let blocks = blocks(&text);
    let mut wrong: Vec<(&Block, String)> = Vec::new();
    for (n, block) in blocks.iter().enumerate().filter(|(_, block)| is_checked(block)) {
        let shown_and_printed = match block.language.as_str() {
            "console" => Some((block, console(&workplace, &block.content))),
            "python" | "r" => {
                let output = blocks.get(n + 1).filter(|next| next.language == "text");
                script(&workplace, name, block).and_then(|printed| Some((output?, printed)))
            }
            "toml" => {
                append(&workplace, block);
                None
            }
            "diff" => {
                change(&workplace, block);
                None
            }
            _ => None,
        };
        wrong.extend(shown_and_printed.filter(|(shown, printed)| !matches(&shown.content, printed)));
    }
    if std::env::var("GUIDE").is_ok_and(|wish| wish == "rewrite") {
        rewrite(&path, &text, &wrong);
    }
    let complaints = wrong.iter().map(|(shown, printed)| format!("{name}:{} is now\n{printed}", shown.line));
    assert!(wrong.is_empty(), "{}", complaints.collect::<Vec<_>>().join("\n"));
}

/// Puts what was printed in the place of what a page shows.
fn rewrite(path: &Path, text: &str, wrong: &[(&Block, String)]) {
    let mut lines: Vec<&str> = text.lines().collect();
    for (shown, printed) in wrong.iter().rev() {
        let size = shown.content.lines().count();
        lines.splice(shown.line..shown.line + size, printed.lines());
    }
    std::fs::write(path, lines.join("\n") + "\n").expect("writable");
}

fn is_checked(block: &Block) -> bool {
    !block.directions.iter().any(|word| word == "unchecked")
}

/// Copies of the specs of the main paper, the example and the schema.
fn lay_out_specs(workplace: &Workplace) {
    for entry in std::fs::read_dir(repository().join("specs")).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            std::fs::copy(&path, workplace.path("specs").join(name)).expect("writable");
        }
    }
}

/// Each command of a block with what it prints; `$?` is the exit code of the one before.
fn console(workplace: &Workplace, block: &str) -> String {
    let (mut printed, mut code) = (String::new(), 0);
    for command in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let shell = format!("exec 2>&1; cargo() {{ shift; \"$XTASK\" \"$@\"; }}; (exit {code}); {command}");
        let run = Command::new("sh")
            .args(["-c", &shell])
            .env("XTASK", env!("CARGO_BIN_EXE_xtask-under-test"))
            .env("LC_ALL", "C")
            .current_dir(workplace.path(""))
            .output()
            .expect("a shell");
        code = run.status.code().unwrap_or(-1);
        printed += &format!("$ {command}\n{}", String::from_utf8_lossy(&run.stdout));
    }
    printed
}

/// Adds a block to the end of the file that it names, if it names one.
fn append(workplace: &Workplace, block: &Block) {
    let Some(file) = block.directions.first() else { return };
    let before = std::fs::read_to_string(workplace.path(file)).unwrap_or_default();
    let gap = if before.is_empty() { "" } else { "\n" };
    workplace.write(file, &(before + gap + &block.content));
}

/// Replaces the lines with `-` by those with `+`; lines with neither stand around them.
fn change(workplace: &Workplace, block: &Block) {
    let (Some(from), Some(to)) = (block.directions.first(), block.directions.last()) else { return };
    let text = std::fs::read_to_string(workplace.path(from)).expect("a file");
    let without = |mark: char| -> String {
        let lines = block.content.lines().filter(|line| !line.starts_with(mark));
        lines.map(|line| line.get(1..).unwrap_or_default().to_owned() + "\n").collect()
    };
    let (old, new) = (without('+'), without('-'));
    assert_eq!(text.matches(&old).count(), 1, "line {}: {from} has not once\n{old}", block.line);
    workplace.write(to, &text.replace(&old, &new));
}

/// What a script prints; `None`, with a notice, where its language or a module is missing.
fn script(workplace: &Workplace, page: &str, block: &Block) -> Option<String> {
    let (program, flag, missing) = match block.language.as_str() {
        "python" => ("python3", "-c", ["ModuleNotFoundError", "No module named"]),
        _ => ("Rscript", "-e", ["there is no package called", "there is no package called"]),
    };
    let skip = |what: &str| {
        // Past the harness, which hides what passing tests print.
        let _ = writeln!(std::io::stderr(), "NOT TESTED: docs/{page}:{}: {what}", block.line);
        None
    };
    let mut command = Command::new(program);
    let Ok(run) = command.args([flag, &block.content]).current_dir(workplace.path("")).output() else {
        return skip(&format!("there is no {program}"));
    };
    let complaint = String::from_utf8_lossy(&run.stderr).into_owned();
    if let Some(line) = complaint.lines().find(|line| missing.iter().any(|missing| line.contains(missing))) {
        return skip(line);
    }
    assert!(run.status.success(), "docs/{page}:{}: {complaint}", block.line);
    Some(String::from_utf8_lossy(&run.stdout).into_owned())
}

/// Whether a text is as shown, line by line, where `…` stands for any lines.
fn matches(shown: &str, printed: &str) -> bool {
    fn agree(shown: &[&str], printed: &[&str]) -> bool {
        match shown {
            [] => printed.is_empty(),
            ["…", rest @ ..] => (0..=printed.len()).any(|n| agree(rest, &printed[n..])),
            [first, rest @ ..] => printed.split_first().is_some_and(|(line, more)| line == first && agree(rest, more)),
        }
    }
    let shown: Vec<&str> = shown.trim_end().lines().map(str::trim_end).collect();
    let printed: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
    agree(&shown, &printed)
}

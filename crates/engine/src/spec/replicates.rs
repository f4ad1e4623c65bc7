//! How many replicates a cell gets, from what the spec says: a fixed count, or looks until its tests are decided.

use super::diagnostic::Problems;
use super::node::{Node, Span};
use super::raw::RawReplicates;
use crate::layout::{Layout, MOST_SECTIONS};

/// The place of the number that says the most replicates of a cell.
pub(super) fn place<'a>(raw: &RawReplicates, root: &'a Node) -> &'a Span {
    &root.locate(if raw.until.is_some() { "replicates.max" } else { "replicates.count" }).span
}

/// The layouts at which cells are judged, with `lanes` replicates in a block: one of a fixed count. What is wrong is reported;
/// then there is one if the most replicates are known, to look for further problems, or none.
pub(super) fn looks(raw: &RawReplicates, lanes: usize, root: &Node, problems: &mut Problems) -> Vec<Layout> {
    let mut report =
        |wrong: Wrong| problems.add(&wrong.span, wrong.message, Some(wrong.help).filter(|help| !help.is_empty()));
    let most = match most(raw, root) {
        Ok(most) => most,
        Err(wrong) => {
            report(*wrong);
            return Vec::new();
        }
    };
    let layout = match Layout::new(most, lanes) {
        Ok(layout) => layout,
        Err(error) => {
            report(Wrong { span: place(raw, root).clone(), message: error.to_string(), help: String::new() });
            return Vec::new();
        }
    };
    if raw.until.is_none() {
        return vec![layout];
    }
    several(raw, layout, root).unwrap_or_else(|wrong| {
        report(*wrong);
        vec![layout]
    })
}

/// What is wrong, where, and what mends it.
struct Wrong {
    span: Span,
    message: String,
    help: String,
}

/// The most replicates, if the keys belong together.
fn most(raw: &RawReplicates, root: &Node) -> Result<u64, Box<Wrong>> {
    let section = root.locate("replicates");
    let fail = |span: Span, message: &str, help: &str| {
        Err(Box::new(Wrong { span, message: message.to_owned(), help: help.to_owned() }))
    };
    let at = |key: &str| section.locate(key).span.clone();
    let until = "until = \"decided\"";
    match (raw.count, raw.until, raw.max) {
        (Some(_), Some(_), _) => {
            let message =
                "`replicates` is both a `count` and `until`: a cell gets so many, or goes on until it is decided";
            fail(at("until"), message, "remove `count`, or `until` with its `max` and `first`")
        }
        (_, None, Some(_)) => {
            fail(at("max"), "`max` says nothing without `until`", &format!("add {until}, or write `count` for `max`"))
        }
        (_, None, None) if raw.first.is_some() => {
            fail(at("first"), "`first` says nothing without `until`", &format!("add {until} and `max`, or remove it"))
        }
        (None, None, None) => {
            let help =
                format!("add `count`: how many replicates each cell gets\nor {until} and `max`: the most that it gets");
            fail(section.beginning(), "`replicates` lacks `count`", &help)
        }
        (None, Some(_), None) => {
            let message = "`replicates` lacks `max`: a cell on the edge of its band would never end";
            fail(section.beginning(), message, "add `max`: the most replicates that a cell gets")
        }
        (Some(most), None, None) | (None, Some(_), Some(most)) => Ok(most),
    }
}

/// The looks on the way to `layout`, of which there must be several.
fn several(raw: &RawReplicates, layout: Layout, root: &Node) -> Result<Vec<Layout>, Box<Wrong>> {
    let sections = layout.with_blocks(1).replicates();
    let at = |key: &str| root.locate("replicates").locate(key).span.clone();
    if let Some(first) = raw.first.filter(|first| *first == 0 || raw.max.is_some_and(|max| *first > max)) {
        let message = format!("first is {first}: it must be above 0 and at most max");
        return Err(Box::new(Wrong { span: at("first"), message, help: String::new() }));
    }
    let looks = layout.looks(raw.first.unwrap_or(1).div_ceil(sections));
    if looks.len() > 1 {
        return Ok(looks);
    }
    let (key, message, help) = match raw.first {
        Some(first) => {
            let message = format!("a first look at {first} replicates leaves no room for a second one");
            (
                "first",
                message,
                "lower `first`, raise `max`, or write `count` for a number of replicates without looks".to_owned(),
            )
        }
        None => {
            let message =
                format!("{} sections of one block are {sections} replicates: there is but one look", layout.sections);
            let most = MOST_SECTIONS * layout.lanes as u64;
            (
                "max",
                message,
                format!("raise `max` above {most}, or write `count` for a number of replicates without looks"),
            )
        }
    };
    Err(Box::new(Wrong { span: at(key), message, help }))
}

//! What is wrong with a spec: every problem with its place, what was expected, and how to mend it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::node::Span;

/// The most problems that are written out; a file that has more is mended from the top anyway.
const MOST_SHOWN: usize = 20;

/// The longest piece of the file that a message repeats, in characters.
const LONGEST_QUOTE: usize = 64;

/// The longest line that is shown, in bytes; of longer ones only the place is named.
const LONGEST_LINE: usize = 2000;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    span: Span,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// Under which circumstances it is wrong.
    pub note: Option<String>,
}

/// All problems of one file, each once, in the order of the file.
#[derive(Debug, Clone)]
pub struct SpecError {
    file: String,
    text: String,
    problems: Vec<Problem>,
}

impl SpecError {
    /// The problems found in `text`, which was read from `file`.
    #[must_use]
    pub(crate) fn new(file: &str, text: &str, problems: Problems) -> Self {
        SpecError { file: file.to_owned(), text: text.to_owned(), problems: problems.0.into_values().collect() }
    }

    /// The problems, in the order of the file.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter()
    }

    fn group<'a>(&'a self, problem: &'a Problem) -> Group<'a> {
        let place = Place::new(&self.text, &problem.span);
        let line = &self.text[place.line];
        let title = Level::ERROR.primary_title(&problem.message);
        let group = if line.len() > LONGEST_LINE {
            let column = 1 + line[..place.span.start].chars().count();
            title.element(Origin::path(&self.file).line(place.line_number).char_column(column))
        } else {
            let snippet = Snippet::source(line).line_start(place.line_number).path(&self.file);
            title.element(snippet.annotation(AnnotationKind::Primary.span(place.span)))
        };
        let note = problem.note.iter().map(|note| Level::NOTE.message(note));
        let help = problem.help.iter().map(|help| Level::HELP.message(help));
        group.elements(note).elements(help)
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().take(MOST_SHOWN).enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            f.write_str(&Renderer::plain().render(&[self.group(problem)]))?;
        }
        if self.problems.len() > MOST_SHOWN {
            write!(f, "\n\nand more in {}: mend these {MOST_SHOWN} first", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecError {}

/// Collects problems.
#[derive(Debug, Default)]
pub struct Problems(BTreeMap<(usize, usize, String), Problem>);

impl Problems {
    /// Adds a problem at a place.
    pub fn add(&mut self, span: &Span, message: impl Into<String>, help: Option<String>) {
        let message = message.into();
        let key = (span.start, span.end, message.clone());
        self.0.entry(key).or_insert(Problem { span: span.clone(), message, help, note: None });
    }

    /// Adds all of `others`.
    pub fn absorb_all(&mut self, others: Problems) {
        for (key, problem) in others.0 {
            self.0.entry(key).or_insert(problem);
        }
    }

    /// Adds the problems that were found under some circumstances, with a note of them by place.
    pub fn absorb(&mut self, others: Problems, note: impl Fn(&Span) -> Option<String>) {
        for (key, problem) in others.0 {
            let note = note(&problem.span);
            self.0.entry(key).or_insert(Problem { note, ..problem });
        }
    }

    /// Whether there are so many that looking for more is of no use.
    #[must_use]
    pub fn is_plenty(&self) -> bool {
        self.0.len() >= 5 * MOST_SHOWN
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// "did you mean `x`?" for the candidate that is nearest to what was typed, if one is near.
#[must_use]
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest_of(typed, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// The candidate that is nearest to what was typed, if one is near.
#[must_use]
pub fn nearest_of<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if typed.len() > LONGEST_QUOTE {
        return None;
    }
    let typed = typed.to_lowercase().replace(['-', ' '], "_");
    let similarity = |known: &str| strsim::normalized_damerau_levenshtein(&typed, &known.to_lowercase());
    let scored = candidates.into_iter().map(|candidate| (similarity(candidate), candidate));
    let (score, candidate) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score >= 0.5).then_some(candidate)
}

/// A piece of the file as a message repeats it: on one line, and not too long.
#[must_use]
pub fn quote(text: &str) -> String {
    let shown: String = text
        .chars()
        .take(LONGEST_QUOTE)
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    if text.chars().nth(LONGEST_QUOTE).is_some() { shown + "…" } else { shown }
}

/// The line of a span, and the part of the span on that line: the beginning of a long table is enough to find it.
struct Place {
    line_number: usize,
    line: Range<usize>,
    /// Relative to the line.
    span: Range<usize>,
}

impl Place {
    fn new(text: &str, span: &Span) -> Self {
        let start = text.floor_char_boundary(span.start);
        let first = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let last = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let end = text.floor_char_boundary(span.end).clamp(start, last);
        let line_number = 1 + text[..first].matches('\n').count();
        Place { line_number, line: first..last, span: start - first..end - first }
    }
}

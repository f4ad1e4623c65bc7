//! Paragraphs of plain text: words wrapped at a width, formulas on lines of their own.

/// The width of the text, in characters.
pub(super) const WIDTH: usize = 100;

/// How far formulas and sentences of a spec stand in.
const INDENT: usize = 4;

/// Text that grows by paragraphs.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// Adds a line as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.0 += line;
        self.0.push('\n');
    }

    /// Adds a paragraph after an empty line; one without words adds nothing.
    pub(super) fn paragraph(&mut self, words: &str) {
        self.wrapped(words, 0);
    }

    /// Adds a paragraph that stands in.
    pub(super) fn quote(&mut self, words: &str) {
        self.wrapped(words, INDENT);
    }

    /// Adds formulas, a line each, which are not broken.
    pub(super) fn formulas<'a>(&mut self, formulas: impl IntoIterator<Item = &'a str>) {
        self.0.push('\n');
        for formula in formulas {
            self.line(&format!("{:INDENT$}{formula}", ""));
        }
    }

    fn wrapped(&mut self, words: &str, indent: usize) {
        let mut line = String::new();
        let mut lines = Vec::new();
        for word in words.split_whitespace() {
            let length = line.chars().count();
            if length > 0 && indent + length + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line += word;
        }
        lines.extend((!line.is_empty()).then_some(line));
        if !lines.is_empty() {
            self.0.push('\n');
        }
        for line in lines {
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

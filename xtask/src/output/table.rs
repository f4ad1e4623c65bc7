//! Aligned columns, on one line where they fit, and on several where the terminal is narrower.

use engine::report::markdown;

use super::Format;

/// What stands between two columns.
const GAP: usize = 2;

/// What the second and further lines of a row begin with.
const INDENT: usize = 4;

/// The columns of standard output, if it is a terminal.
pub(crate) fn width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0))
}

/// Rows of text; the first one has the titles.
pub(crate) struct Table<'a, const N: usize> {
    pub(crate) rows: Vec<[&'a str; N]>,
    /// The columns in the order in which a narrow terminal gets them: first what should stand on the first line.
    pub(crate) narrow: [usize; N],
}

impl<const N: usize> Table<'_, N> {
    /// The lines of the table; `paint` may colour the text of a row and column.
    pub(crate) fn lines(&self, width: Option<usize>, paint: impl Fn(usize, usize, &str) -> String) -> Vec<String> {
        let widths: [usize; N] =
            std::array::from_fn(|i| self.rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0));
        let groups = self.groups(&widths, width);
        let row_lines = |(r, row): (usize, &[&str; N])| -> Vec<String> {
            let mut lines = Vec::new();
            for (g, group) in groups.iter().enumerate() {
                let indent = if g == 0 { 0 } else { INDENT };
                let mut line = " ".repeat(indent);
                for &i in group {
                    line += &paint(r, i, row[i]);
                    line += &" ".repeat(widths[i] - row[i].chars().count() + GAP);
                }
                match (width, group.as_slice()) {
                    (Some(width), [only]) if indent + widths[*only] > width => {
                        lines.extend(wrapped(row[*only], indent, width));
                    }
                    _ => lines.push(line.trim_end().to_owned()),
                }
            }
            lines.retain(|line| !line.trim().is_empty());
            lines
        };
        self.rows.iter().enumerate().flat_map(row_lines).collect()
    }

    /// Which columns stand on which line of a row.
    fn groups(&self, widths: &[usize; N], width: Option<usize>) -> Vec<Vec<usize>> {
        let all = widths.iter().sum::<usize>() + GAP * (N - 1);
        let Some(width) = width.filter(|width| all > *width) else { return vec![(0..N).collect()] };
        let (mut groups, mut end) = (vec![Vec::new()], 0);
        for i in self.narrow {
            let last = groups.len() - 1;
            if !groups[last].is_empty() && end + widths[i] > width {
                groups.push(vec![i]);
                end = INDENT;
            } else {
                groups[last].push(i);
            }
            end += widths[i] + GAP;
        }
        groups
    }
}

/// Rows below their titles, aligned for people or in Markdown; `None` if there are no rows.
pub(crate) fn table<const N: usize>(format: Format, titles: &[&str; N], rows: &[[String; N]]) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    if format == Format::Markdown {
        return Some(markdown::table(titles, rows).trim_end().to_owned());
    }
    let texts = rows.iter().map(|row| row.each_ref().map(String::as_str));
    let table = Table { rows: std::iter::once(*titles).chain(texts).collect(), narrow: std::array::from_fn(|i| i) };
    Some(table.lines(width(), |_, _, text| text.to_owned()).join("\n"))
}

/// Text broken between words into lines of at most `width` columns, each after an indent; a longer word stays whole.
pub(crate) fn wrapped(text: &str, indent: usize, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let n = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + n <= width => {
                line.push(' ');
                line.push_str(word);
                length += 1 + n;
            }
            _ => {
                lines.push(format!("{:indent$}{word}", ""));
                length = indent + n;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(width: Option<usize>) -> Vec<String> {
        let rows =
            vec![["claim", "verdict", "where"], ["law", "holds", "cell 1, step 2"], ["a-long-name", "refuted", ""]];
        Table { rows, narrow: [0, 2, 1] }.lines(width, |_, _, text| text.to_owned())
    }

    #[test]
    fn a_table_that_fits_is_aligned() {
        let wide = ["claim        verdict  where", "law          holds    cell 1, step 2", "a-long-name  refuted"];
        assert_eq!(lines(None), wide);
        assert_eq!(lines(Some(36)), wide);
    }

    #[test]
    fn what_does_not_fit_goes_to_further_lines_in_its_order() {
        let narrow = [
            "claim        where",
            "    verdict",
            "law          cell 1, step 2",
            "    holds",
            "a-long-name",
            "    refuted",
        ];
        assert_eq!(lines(Some(30)), narrow);
        assert!(lines(Some(12)).iter().all(|line| line.chars().count() <= 12), "{:?}", lines(Some(12)));
    }

    #[test]
    fn words_are_not_broken() {
        assert_eq!(wrapped("one two  three", 2, 9), ["  one two", "  three"]);
        assert_eq!(wrapped("immeasurable", 2, 5), ["  immeasurable"]);
    }
}

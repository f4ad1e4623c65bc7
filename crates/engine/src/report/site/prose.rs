//! What specs say in words: paragraphs of comments, with the marks that people use in plain text.

use maud::{Markup, html};

/// The paragraphs of the comment that a spec begins with.
pub(super) fn introduction(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in text.lines().take_while(|line| line.is_empty() || line.starts_with('#')) {
        match line.strip_prefix('#').map(str::trim) {
            Some(words) if words.starts_with(":schema") => {}
            Some(words) if !words.is_empty() => {
                if let Some(paragraph) = paragraphs.last_mut() {
                    *paragraph += if paragraph.is_empty() { "" } else { " " };
                    *paragraph += words;
                }
            }
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// Text in which `code` and *emphasis* are marked as in Markdown.
pub(super) fn prose(text: &str) -> Markup {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, mark, within, after)) = marked(rest) {
        pieces.extend([(None, before), (Some(mark), within)]);
        rest = after;
    }
    pieces.push((None, rest));
    html! {
        @for (mark, words) in pieces {
            @match mark {
                Some('`') => code { (words) },
                Some(_) => em { (words) },
                None => (words),
            }
        }
    }
}

/// The first marked piece of a text: what stands before it, its mark, what it holds, what follows.
fn marked(text: &str) -> Option<(&str, char, &str, &str)> {
    text.char_indices().filter(|(_, mark)| matches!(mark, '`' | '*')).find_map(|(open, mark)| {
        let (before, after) = (&text[..open], &text[open + 1..]);
        let (within, rest) = after.split_once(mark)?;
        // A star may be a product, or that of θ*: emphasis begins a word and ends one.
        let begins = before.chars().next_back().is_none_or(|c| c.is_whitespace() || c == '(');
        let is_words = |c: char| c.is_alphabetic() || c == ' ' || c == '-';
        let is_marked = mark == '`' || (begins && !within.starts_with(' ') && within.chars().all(is_words));
        (is_marked && !within.is_empty()).then_some((before, mark, within, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_at_the_top_is_the_introduction() {
        let text = "#:schema ./schema.json\n\n# One\n# sentence.\n#\n# Another.\n\nschema = 1\n# Not this.\n";
        assert_eq!(introduction(text), ["One sentence.", "Another."]);
        assert!(introduction("schema = 1\n").is_empty());
    }

    #[test]
    fn code_and_emphasis_are_marked_and_products_are_not() {
        let check = |text: &str, expected: &str| assert_eq!(prose(text).0, expected);
        check("a `b*c` and *every* d", "a <code>b*c</code> and <em>every</em> d");
        check("(*derived*): 2*a*b at θ*, not θ* <", "(<em>derived</em>): 2*a*b at θ*, not θ* &lt;");
        check("a ` and a * alone", "a ` and a * alone");
        check("``", "``");
    }
}

//! The text of a spec with its comments, headers, keys and strings told apart.

use maud::{Markup, html};
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

/// The longest text that is shown, in bytes; beyond it stand tables of numbers, which nobody reads.
const LONGEST: usize = 1 << 16;

/// A text of TOML as marked spans; one that is too long is cut at the end of a line, and says so.
pub(super) fn toml(text: &str) -> Markup {
    let end = text.floor_char_boundary(LONGEST);
    let shown = if end < text.len() { &text[..text[..end].rfind('\n').map_or(0, |end| end + 1)] } else { text };
    let source = Source::new(shown);
    let tokens: Vec<Token> = source.lex().filter(|token| token.kind() != TokenKind::Eof).collect();
    let mut scanner = Scanner { open: Vec::new(), is_value: false };
    html! {
        @for (i, token) in tokens.iter().enumerate() {
            @let text = shown.get(token.span().start()..token.span().end()).unwrap_or_default();
            @match scanner.class(&tokens, i) {
                Some(class) => span class=(class) { (text) },
                None => (text),
            }
        }
        @if shown.len() < text.len() { "\n… (cut here: the file has the rest)" }
    }
}

/// Where in a document a token stands.
struct Scanner {
    /// The brackets around it.
    open: Vec<TokenKind>,
    /// Whether it stands right of an equals sign.
    is_value: bool,
}

impl Scanner {
    /// The class of the i-th token; each must be asked for, in their order.
    fn class(&mut self, tokens: &[Token], i: usize) -> Option<&'static str> {
        let kind = tokens[i].kind();
        match kind {
            TokenKind::Comment => Some("c"),
            TokenKind::Newline => {
                self.is_value &= !self.open.is_empty();
                None
            }
            TokenKind::Equals => {
                self.is_value = true;
                None
            }
            TokenKind::LeftSquareBracket if !self.is_value => Some("h"),
            TokenKind::RightSquareBracket if !self.is_value => Some("h"),
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                self.open.push(kind);
                self.is_value = kind == TokenKind::LeftSquareBracket;
                None
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                self.open.pop();
                self.is_value = true;
                None
            }
            TokenKind::Comma => {
                self.is_value = self.open.last() != Some(&TokenKind::LeftCurlyBracket);
                None
            }
            TokenKind::Dot | TokenKind::Whitespace | TokenKind::Eof => None,
            _ if !self.is_value => Some(if in_header(tokens, i) { "h" } else { "k" }),
            TokenKind::Atom => Some("n"),
            _ => Some("s"),
        }
    }
}

/// Whether a bracket is the first on the line of the i-th token.
fn in_header(tokens: &[Token], i: usize) -> bool {
    let line = tokens[..i].iter().rev().take_while(|token| token.kind() != TokenKind::Newline);
    let first = line.filter(|token| token.kind() != TokenKind::Whitespace).last();
    first.is_some_and(|token| token.kind() == TokenKind::LeftSquareBracket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_line_are_told_apart() {
        let marked = toml("[[a.b]] # so\n\"x.y\" = { k = [1, 'é'], m = true }\nz = \"<b>\" # why\n").into_string();
        let expected = "<span class=\"h\">[</span><span class=\"h\">[</span><span class=\"h\">a</span>.\
             <span class=\"h\">b</span><span class=\"h\">]</span><span class=\"h\">]</span> <span class=\"c\"># so</span>\n\
             <span class=\"k\">&quot;x.y&quot;</span> = { <span class=\"k\">k</span> = [<span class=\"n\">1</span>, \
             <span class=\"s\">'é'</span>], <span class=\"k\">m</span> = <span class=\"n\">true</span> }\n\
             <span class=\"k\">z</span> = <span class=\"s\">&quot;&lt;b&gt;&quot;</span> <span class=\"c\"># why</span>\n";
        assert_eq!(marked, expected);
    }

    #[test]
    fn brackets_within_strings_and_over_lines_do_not_confuse() {
        let marked = toml("a = [\n  1,\n  2,\n]\nb = '''\n[no header]\n'''\n[c]\n").into_string();
        assert!(marked.contains("<span class=\"n\">2</span>"), "{marked}");
        assert!(marked.contains("<span class=\"s\">'''\n[no header]\n'''</span>"), "{marked}");
        assert!(marked.ends_with("<span class=\"h\">[</span><span class=\"h\">c</span><span class=\"h\">]</span>\n"));
    }

    #[test]
    fn a_long_text_is_cut_at_a_line() {
        let text = "a = 1 # é\n".repeat(LONGEST / 10);
        let marked = toml(&text).into_string();
        assert!(marked.ends_with("</span>\n\n… (cut here: the file has the rest)"));
        assert!(!toml(&text[..110]).into_string().contains("cut here"));
    }
}

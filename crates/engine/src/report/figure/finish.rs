//! What is done to the SVG of the plotting crate: ids counted from 0, indices set low, and colours for dark pages.

/// What the plotting crate calls its clip paths: a number follows, counted over the whole process.
const CLIP: &str = "kuva-clip-";

/// The style of all figures: on a dark page what is white, black and grey changes places, and colours stay.
///
/// The background changes with the text, so that a figure can be read on any page, also on one that is dark in a browser
/// that is not. Colours are found by their attributes, so a reader without style sheets sees the figure of a light page.
pub(in crate::report) const STYLE: &str = "<style>@media (prefers-color-scheme: dark){\
[fill=\"white\"],[fill=\"#ffffff\"]{fill:#14171c}\
[fill=\"black\"],[fill=\"#000000\"]{fill:#e4e8ee}\
[fill=\"#666666\"]{fill:#a3adba}\
[fill=\"#e3edf8\"]{fill:#22344a}\
[stroke=\"black\"],[stroke=\"#000000\"]{stroke:#e4e8ee}\
[stroke=\"#d9d9d9\"]{stroke:#3a414c}\
}</style>";

/// The same figure, finished.
pub(super) fn finished(svg: &str) -> String {
    styled(&indexed(&renumbered(svg)))
}

/// With the style behind the outermost tag.
fn styled(svg: &str) -> String {
    match svg.split_once('>') {
        Some((tag, rest)) => format!("{tag}>{STYLE}{rest}"),
        None => svg.to_owned(),
    }
}

/// With its clip paths counted from 0, so that equal figures have equal bytes.
fn renumbered(svg: &str) -> String {
    let mut parts = svg.split(CLIP);
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut seen: Vec<&str> = Vec::new();
    for part in parts {
        let (number, rest) = part.split_at(part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len()));
        let position = seen.iter().position(|known| *known == number).unwrap_or_else(|| {
            seen.push(number);
            seen.len() - 1
        });
        text += &format!("{CLIP}{position}{rest}");
    }
    text
}

/// With `λ_max`, `G_{ij}` and `e^{−t}` in its texts as indices and exponents. An underscore in a word, as in `rank_one`,
/// stays.
fn indexed(svg: &str) -> String {
    let mut text = String::with_capacity(svg.len());
    for (i, part) in svg.split('<').enumerate() {
        if i > 0 {
            text.push('<');
        }
        match part.split_once('>') {
            Some((tag, words)) if tag.starts_with("text") || tag.starts_with("tspan") => {
                text += tag;
                text.push('>');
                text += &with_indices(words);
            }
            _ => text += part,
        }
    }
    text
}

fn with_indices(words: &str) -> String {
    let mut text = String::new();
    let mut rest = words;
    while let Some((at, mark)) = rest.char_indices().find(|(_, c)| matches!(c, '_' | '^')) {
        let (before, behind) = (&rest[..at], &rest[at + 1..]);
        let Some((index, after)) = index_of(behind).filter(|_| is_symbol(before) && !before.is_empty()) else {
            text += &rest[..=at];
            rest = behind;
            continue;
        };
        // Lengths in em are those of the smaller letters on the way there, and of the larger ones on the way back.
        let (there, back) = if mark == '_' { ("0.3em", "-0.216em") } else { ("-0.55em", "0.396em") };
        text += before;
        text += &format!("<tspan dy=\"{there}\" font-size=\"72%\">{index}</tspan>");
        if after.is_empty() {
            return text;
        }
        return text + &format!("<tspan dy=\"{back}\">{}</tspan>", with_indices(after));
    }
    text + rest
}

/// Whether the last word is a symbol that may carry an index: one letter, or a bracket.
fn is_symbol(before: &str) -> bool {
    let mut back = before.chars().rev();
    match (back.next(), back.next()) {
        (Some(last), Some(c)) if last.is_alphanumeric() => !c.is_alphanumeric() && c != '_' && c != '-',
        (last, _) => last.is_some_and(|c| c.is_alphanumeric() || matches!(c, '‖' | ')' | ']')),
    }
}

/// What stands low, and what follows.
fn index_of(behind: &str) -> Option<(&str, &str)> {
    let (index, after) = match behind.strip_prefix('{') {
        Some(braced) => braced.split_once('}')?,
        None => {
            behind.split_at(behind.find(|c: char| !(c.is_alphabetic() || c.is_ascii_digit())).unwrap_or(behind.len()))
        }
    };
    (!index.is_empty()).then_some((index, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clip_paths_are_counted_from_zero() {
        let svg = "<a id=\"kuva-clip-7\"/><b id=\"kuva-clip-12\"/><c use=\"kuva-clip-7\"/>";
        let counted = "<a id=\"kuva-clip-0\"/><b id=\"kuva-clip-1\"/><c use=\"kuva-clip-0\"/>";
        assert_eq!(renumbered(svg), counted);
        assert_eq!(renumbered("<svg/>"), "<svg/>");
    }

    #[test]
    fn indices_stand_low_and_exponents_high() {
        let low = |index: &str| format!("<tspan dy=\"0.3em\" font-size=\"72%\">{index}</tspan>");
        assert_eq!(with_indices("curvature λ_max"), format!("curvature λ{}", low("max")));
        let norm = format!("‖𝒢‖{}<tspan dy=\"-0.216em\">/√b</tspan>", low("F"));
        assert_eq!(with_indices("‖𝒢‖_F/√b"), norm);
        let power = "e<tspan dy=\"-0.55em\" font-size=\"72%\">−Hs</tspan><tspan dy=\"0.396em\">Σ</tspan>";
        assert_eq!(with_indices("e^{−Hs}Σ"), power);
        assert!(with_indices("E w_i²").ends_with("²</tspan>"));
        for plain in ["members = rank_one", "a b", "_", "λ_", "x_{", "_a", "cos 2φ", ""] {
            assert_eq!(with_indices(plain), plain);
        }
    }

    #[test]
    fn only_texts_have_indices() {
        assert_eq!(indexed("<g id=\"a_b\"><text x=\"1\">a b</text></g>"), "<g id=\"a_b\"><text x=\"1\">a b</text></g>");
        assert!(indexed("<text>H_ii</text>").contains("tspan"));
    }

    #[test]
    fn the_style_follows_the_outermost_tag() {
        assert_eq!(styled("<svg width=\"9\"><g/></svg>"), format!("<svg width=\"9\">{STYLE}<g/></svg>"));
    }
}

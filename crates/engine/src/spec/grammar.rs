//! Whether a text is an expression as schools write them: operands and operators take turns, and a function has its
//! parentheses. The parser of values is more lenient, and would read `^2eta` as 2^eta.

/// Where a text stops being an expression: the rest of it, and what is missing before that. `None` if it is one.
///
/// `literal` is how a number begins a text, if one does.
pub(super) fn misplaced<'a>(
    text: &'a str,
    functions: &[&str],
    literal: fn(&str) -> Option<&str>,
) -> Option<(&'a str, &'static str)> {
    let (mut rest, mut depth, mut wants_operand) = (text.trim_start(), 0_usize, true);
    while let Some(first) = rest.chars().next() {
        let word = &rest[..rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())];
        let number = literal(rest);
        let length = match (wants_operand, first) {
            (true, '+' | '-') => 1,
            (true, '(') => {
                depth += 1;
                1
            }
            (true, _) if number.is_some() => {
                wants_operand = false;
                number.map_or(0, str::len)
            }
            (true, _) if functions.contains(&word) => {
                if !rest[word.len()..].trim_start().starts_with('(') {
                    return Some((rest[word.len()..].trim_start(), "a parenthesis after the function"));
                }
                word.len()
            }
            (true, 'a'..='z' | 'A'..='Z' | '_') => {
                wants_operand = false;
                word.len()
            }
            (true, _) => return Some((rest, "a number, a name or a parenthesis")),
            (false, '+' | '-' | '*' | '/' | '^') => {
                wants_operand = true;
                1
            }
            (false, ')') if depth > 0 => {
                depth -= 1;
                1
            }
            (false, _) => return Some((rest, "an operator (a product needs its *)")),
        };
        rest = rest[length..].trim_start();
    }
    match (wants_operand, depth) {
        (true, _) => Some((rest, "a number, a name or a parenthesis")),
        (false, 0) => None,
        (false, _) => Some((rest, "a closing parenthesis")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<&str> {
        let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        (length > 0).then(|| &text[..length])
    }

    #[test]
    fn operands_and_operators_take_turns() {
        for text in ["1", "-b", "2 * (b + d) / eta", "sqrt (b) ^ -2", "--1", "trace_G", "a*-b", "((1))"] {
            assert_eq!(misplaced(text, &["sqrt"], number), None, "{text}");
        }
        let rest = |text: &'static str| misplaced(text, &["sqrt"], number).map(|(rest, _)| rest);
        assert_eq!(
            ["^2eta", "2eta", "b d", "{d", "sqrt b", "sqrt", "(b", "b)", "b +", "", "b (d)", "1 é"].map(rest),
            ["^2eta", "eta", "d", "{d", "b", "", "", ")", "", "", "(d)", "é"].map(Some)
        );
    }
}

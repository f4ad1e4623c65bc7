//! Expressions over a cell's scalars, such as `"b / eta"`: parsed by `exmex`, evaluated for a cell, or at each recorded step of its path.

use exmex::{BinOp, Express, FlatEx, MakeOperators, MatchLiteral, Operator};

use super::diagnostic::{nearest, quote};
use super::grammar;
use super::scalars::Scalars;

/// The longest expression that is read.
const LONGEST: usize = 200;

/// The functions of the language.
const FUNCTIONS: [&str; 3] = ["sqrt", "exp", "ln"];

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

/// The operators of the language; transcendental ones come from `libm`, the same on every platform.
#[derive(Debug, Clone, Default)]
struct Operators;

impl MakeOperators<f64> for Operators {
    fn make<'a>() -> Vec<Operator<'a, f64>> {
        let binary = |apply: fn(f64, f64) -> f64, prio, is_commutative| BinOp { apply, prio, is_commutative };
        vec![
            Operator::make_bin("^", binary(libm::pow, 4, false)),
            Operator::make_bin("*", binary(|a, b| a * b, 2, true)),
            Operator::make_bin("/", binary(|a, b| a / b, 3, false)),
            Operator::make_bin_unary("+", binary(|a, b| a + b, 0, true), |a| a),
            Operator::make_bin_unary("-", binary(|a, b| a - b, 1, false), |a| -a),
            Operator::make_unary("sqrt", f64::sqrt),
            Operator::make_unary("exp", libm::exp),
            Operator::make_unary("ln", libm::log),
        ]
    }
}

/// Numbers as TOML and most languages write them: digits with at most one point, and an exponent.
#[derive(Debug, Clone, Default)]
struct Numbers;

impl MatchLiteral for Numbers {
    fn is_literal(text: &str) -> Option<&str> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(text);
        let mut length = whole;
        if let Some(fraction) = text[length..].strip_prefix('.') {
            length += 1 + digits(fraction);
        }
        if length == 0 || &text[..length] == "." {
            return None;
        }
        if let Some(exponent) = text[length..].strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            let figures = digits(&exponent[sign..]);
            length += if figures > 0 { 1 + sign + figures } else { 0 };
        }
        Some(&text[..length])
    }
}

/// The value of `text` over `scalars`.
///
/// # Errors
/// [`ExpressionError`] for a text that is too long or no expression, an unknown name, or a value that is not finite.
pub fn evaluate(text: &str, scalars: &Scalars) -> Result<f64, ExpressionError> {
    Expression::parse(text, scalars)?.value(scalars)
}

/// The values of `text` at each of the `recorded` steps of a path, at their `times`.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_along(
    text: &str,
    scalars: &Scalars,
    recorded: &[u64],
    times: &[f64],
) -> Result<Vec<f64>, ExpressionError> {
    let expression = Expression::parse(text, &scalars.at(1, 1.0))?;
    if expression.flat.var_names().iter().all(|name| scalars.get(name).is_some()) {
        return Ok(vec![expression.value(scalars)?; recorded.len()]);
    }
    recorded.iter().zip(times).map(|(step, time)| expression.value(&scalars.at(*step, *time))).collect()
}

/// A parsed expression.
struct Expression<'a> {
    text: &'a str,
    flat: FlatEx<f64, Operators, Numbers>,
}

impl<'a> Expression<'a> {
    fn parse(text: &'a str, scalars: &Scalars) -> Result<Self, ExpressionError> {
        let fail = |message: String, help: Option<String>| Err(ExpressionError { message, help });
        if text.len() > LONGEST {
            return fail(
                format!("an expression of {} bytes is too long: at most {LONGEST} are read", text.len()),
                None,
            );
        }
        let shown = quote(text);
        if let Some(function) = functions(text).find(|name| !FUNCTIONS.contains(name)) {
            let help = nearest(function, FUNCTIONS)
                .unwrap_or_else(|| format!("known functions: {}; a product needs its *", FUNCTIONS.join(", ")));
            return fail(format!("unknown function `{function}` in `{shown}`"), Some(help));
        }
        if let Some((message, help)) = ambiguous_power(text) {
            return fail(format!("{message} in `{shown}`"), Some(help.to_owned()));
        }
        let wrong = grammar::misplaced(text, &FUNCTIONS, Numbers::is_literal);
        let parsed = wrong.map_or_else(|| FlatEx::<f64, Operators, Numbers>::parse(text).ok(), |_| None);
        let Some(flat) = parsed else {
            let (functions, names) = (FUNCTIONS.join(", "), scalars.names().join(", "));
            let help =
                format!("an expression is made of numbers, + - * / ^, parentheses, {functions} and the names {names}");
            return fail(format!("`{shown}` is not an expression{}", reason(text, wrong)), Some(help));
        };
        if let Some(name) = flat.var_names().iter().find(|name| scalars.get(name).is_none()) {
            let known = || format!("known names: {}", scalars.names().join(", "));
            let help = nearest(name, scalars.names()).unwrap_or_else(known);
            return fail(format!("unknown name `{name}` in `{shown}`"), Some(help));
        }
        Ok(Expression { text, flat })
    }

    fn value(&self, scalars: &Scalars) -> Result<f64, ExpressionError> {
        let fail = |message: String| Err(ExpressionError { message, help: None });
        let shown = quote(self.text);
        let values: Vec<f64> = self.flat.var_names().iter().map(|name| scalars.get(name).unwrap_or(f64::NAN)).collect();
        match self.flat.eval(&values) {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(value) => fail(format!("`{shown}` is {value}: it must be finite")),
            Err(error) => fail(format!("`{shown}` has no value: {}", error.msg())),
        }
    }
}

/// A power that mathematicians and this parser read differently: −x^y, and x^y^z.
fn ambiguous_power(text: &str) -> Option<(&'static str, &'static str)> {
    let compact: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    for (at, _) in compact.iter().enumerate().filter(|(_, c)| **c == '^') {
        // The beginning of the base, which is a word, or a parenthesis with the function before it.
        let mut begin = at;
        if at > 0 && compact[at - 1] == ')' {
            let mut depth = 0_usize;
            while begin > 0 {
                begin -= 1;
                match compact[begin] {
                    ')' => depth += 1,
                    '(' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
        }
        while begin > 0 && is_word(compact[begin - 1]) {
            begin -= 1;
        }
        let before = |n: usize| begin.checked_sub(n).map(|i| compact[i]);
        match before(1) {
            Some('^') => return Some(("a power of a power has no parentheses", "write x^(y^z) or (x^y)^z")),
            Some('-') if before(2).is_none_or(|c| "(+-*/^".contains(c)) => {
                return Some(("a minus stands before a power", "write -(x^y) or (-x)^y"));
            }
            _ => {}
        }
    }
    None
}

/// The words of an expression that stand before an opening parenthesis.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('(').filter_map(move |(at, _)| {
        let before = text[..at].trim_end();
        let word = &before[before.trim_end_matches(is_word).len()..];
        word.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(word)
    })
}

/// Why a text is no expression, if that can be said; `wrong` is where it stops being one, and what is missing there.
fn reason(text: &str, wrong: Option<(&str, &str)>) -> String {
    let text = text.trim();
    let depth = text.chars().try_fold(0_usize, |depth, c| match c {
        '(' => Some(depth + 1),
        ')' => depth.checked_sub(1),
        _ => Some(depth),
    });
    if text.is_empty() {
        return ": it is empty".to_owned();
    }
    if depth != Some(0) {
        return ": its parentheses do not match".to_owned();
    }
    match wrong {
        Some(("", _)) => ": nothing follows its last operator".to_owned(),
        Some((rest, lacking)) => format!(": {lacking} is missing before `{}`", quote(rest)),
        None => String::new(),
    }
}

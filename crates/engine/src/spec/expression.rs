//! Expressions over a cell's scalars, such as `"b / eta"`: parsed by `exmex`, evaluated once per cell.

use exmex::{BinOp, Express, FlatEx, MakeOperators, Operator};

use super::diagnostic::nearest;

/// The longest expression that is read.
const LONGEST: usize = 200;

/// What an expression may speak of.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalars(Vec<(&'static str, f64)>);

impl Scalars {
    /// Named values.
    #[must_use]
    pub fn new(values: Vec<(&'static str, f64)>) -> Self {
        Scalars(values)
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }
}

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

/// The value of `text` over `scalars`.
///
/// # Errors
/// [`ExpressionError`] for a text that is too long or no expression, an unknown name, or a value that is not finite.
pub fn evaluate(text: &str, scalars: &Scalars) -> Result<f64, ExpressionError> {
    let known = || format!("known names: {}", scalars.names().collect::<Vec<_>>().join(", "));
    if text.len() > LONGEST {
        let message = format!("an expression of {} bytes is too long: at most {LONGEST} are read", text.len());
        return Err(ExpressionError { message, help: None });
    }
    let expression = FlatEx::<f64, Operators>::parse(text).map_err(|error| ExpressionError {
        message: format!("`{text}` is not an expression: {}", error.msg()),
        help: Some(known()),
    })?;
    let mut values = Vec::new();
    for name in expression.var_names() {
        match scalars.get(name) {
            Some(value) => values.push(value),
            None => {
                let help = nearest(name, scalars.names()).unwrap_or_else(known);
                return Err(ExpressionError {
                    message: format!("unknown name `{name}` in `{text}`"),
                    help: Some(help),
                });
            }
        }
    }
    match expression.eval(&values) {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(value) => Err(ExpressionError { message: format!("`{text}` is {value}: it must be finite"), help: None }),
        Err(error) => {
            Err(ExpressionError { message: format!("`{text}` has no value: {}", error.msg()), help: Some(known()) })
        }
    }
}

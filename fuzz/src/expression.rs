//! Expressions: a value, for school arithmetic the one that it gives, or a message.

use engine::spec::expression::{evaluate, evaluate_along};
use engine::spec::scalars::Scalars;

use super::arithmetic;

/// The names that expressions may use here.
const NAMES: [(&str, f64); 4] = [("b", 2.0), ("eta", 0.1), ("d", 50.0), ("trace_G", 3.0)];

/// A text has a finite value, which is that of school arithmetic if it is such, or a message.
pub fn expression(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let scalars = Scalars::new(NAMES.to_vec());
    let value = evaluate(text, &scalars);
    match &value {
        Ok(value) => {
            assert!(value.is_finite(), "{text} is {value}");
            let expected = arithmetic::value(text, &NAMES);
            assert!(expected.is_some_and(|expected| is_near(*value, expected)), "{text} is {value}, not {expected:?}");
        }
        Err(error) => assert!(!error.message.is_empty(), "{text}"),
    }
    // Along a path there are more names, so whatever has a value keeps it at every step.
    match (value, evaluate_along(text, &scalars, &[0, 7], &[0.0, 0.7])) {
        (Ok(value), along) => assert_eq!(along, Ok(vec![value; 2]), "{text}"),
        (Err(_), Ok(along)) => assert!(along.len() == 2 && along.iter().all(|value| value.is_finite()), "{text}"),
        (Err(_), Err(error)) => assert!(!error.message.is_empty(), "{text}"),
    }
}

/// Whether two values are the same up to rounding. Sums of large terms that cancel are not told apart from 0.
fn is_near(value: f64, expected: arithmetic::Value) -> bool {
    (value - expected.value).abs() <= 1e-9 * expected.scale || expected.scale.is_infinite()
}

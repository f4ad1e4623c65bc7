//! What tables of all formats share: the columns of a header, and the checks of a number and of a label.

use super::{DataError, Place};
use crate::spec::diagnostic::{nearest, quote};

/// How many names of columns a message lists.
const LISTED: usize = 8;

/// Names of columns, one of which holds the labels and at least one a feature.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    /// Which one holds the labels.
    pub(super) label: usize,
}

impl Columns {
    /// # Errors
    /// [`DataError::NoLabels`], [`DataError::TwoLabels`], [`DataError::NoFeatures`].
    pub(super) fn new(file: &str, names: Vec<String>, label: &str) -> Result<Self, DataError> {
        let mut found = names.iter().enumerate().filter(|(_, name)| *name == label).map(|(column, _)| column);
        let (first, second) = (found.next(), found.next());
        let (file, label) = (file.to_owned(), label.to_owned());
        match (first, second) {
            (None, _) => Err(DataError::NoLabels { help: help(&names, &label), file, label }),
            (_, Some(_)) => Err(DataError::TwoLabels { file, label }),
            (Some(_), None) if names.len() == 1 => Err(DataError::NoFeatures { file, label }),
            (Some(label), None) => Ok(Columns { names, label }),
        }
    }

    /// m.
    pub(super) fn dimension(&self) -> usize {
        self.names.len() - 1
    }
}

/// What a table without the column of labels has.
fn help(names: &[String], label: &str) -> String {
    let listed: Vec<_> = names.iter().take(LISTED).map(|name| format!("`{}`", quote(name))).collect();
    let more = if names.len() > LISTED { format!(" and {} more", names.len() - LISTED) } else { String::new() };
    let guess = nearest(label, names.iter().map(String::as_str)).map_or(String::new(), |guess| format!("; {guess}"));
    format!("name it by the key `label`; the columns are {}{more}{guess}", listed.join(", "))
}

/// A number that is finite.
///
/// # Errors
/// [`DataError::NotFinite`].
pub(super) fn finite(file: &str, value: f64, place: impl FnOnce() -> Place) -> Result<f64, DataError> {
    match value.is_finite() {
        true => Ok(value),
        false => Err(DataError::NotFinite { file: file.to_owned(), place: place(), value }),
    }
}

/// A number that is a label.
///
/// # Errors
/// [`DataError::Label`].
pub(super) fn label(file: &str, value: f64, place: impl FnOnce() -> Place) -> Result<u32, DataError> {
    if value >= 0.0 && value <= f64::from(u32::MAX) && value.trunc() == value {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number in range")]
        return Ok(value as u32);
    }
    Err(DataError::Label { file: file.to_owned(), place: place(), value })
}

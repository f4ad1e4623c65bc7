//! Why data cannot be read: the file, the place in it, what was expected there and how to mend it.

use super::MOST_NUMBERS;
use super::file::MOST_BYTES;
use super::location::PathError;

/// Why data cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The path names no file that a spec may read.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The operating system refuses, or a packed file is damaged.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is too large.
    #[error("{file} is too large: at most {MOST_BYTES} bytes are read, unpacked")]
    TooLarge {
        /// The file.
        file: String,
    },
    /// Features would fill the memory.
    #[error(
        "{file} holds {count} samples of {dimension} features: at most {MOST_NUMBERS} numbers are read; keep fewer rows \
         or columns"
    )]
    TooMany {
        /// The file.
        file: String,
        /// n.
        count: usize,
        /// m.
        dimension: usize,
    },
    /// There is not one sample.
    #[error("{file} holds no samples: at least one is needed")]
    Empty {
        /// The file.
        file: String,
    },
    /// The parquet reader gives up.
    #[error("{file} is not a parquet file that can be read: {reason}")]
    Parquet {
        /// The file.
        file: String,
        /// What the reader says.
        reason: String,
    },
    /// A row of a CSV file has too many or too few fields.
    #[error("{file}: line {line} has {found} fields, but the first line names {expected} columns")]
    Ragged {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// Fields.
        found: u64,
        /// Columns.
        expected: u64,
    },
    /// A row of a CSV file is no text.
    #[error("{file}: line {line} is not UTF-8 text: save the file in the encoding UTF-8")]
    Encoding {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
    },
    /// No column is called as the labels are.
    #[error("{file} has no column `{label}` of labels: {help}")]
    NoLabels {
        /// The file.
        file: String,
        /// What was looked for.
        label: String,
        /// What there is.
        help: String,
    },
    /// Two columns are called as the labels are.
    #[error("{file} has two columns `{label}`, so it is not clear which holds the labels: rename one")]
    TwoLabels {
        /// The file.
        file: String,
        /// The name.
        label: String,
    },
    /// There is no column besides the labels.
    #[error("{file} has no column besides the labels `{label}`: every other column is a feature")]
    NoFeatures {
        /// The file.
        file: String,
        /// The column of labels.
        label: String,
    },
    /// A column of a parquet file holds no numbers.
    #[error("{file}: column `{column}` holds {kind}, not numbers: drop it, or code it as numbers")]
    NotNumeric {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// What it holds.
        kind: String,
    },
    /// A field is no number.
    #[error("{file}: {place}: `{found}` is not a number")]
    NoNumber {
        /// The file.
        file: String,
        /// The field.
        place: Place,
        /// What stands there.
        found: String,
    },
    /// A field is empty.
    #[error("{file}: {place}: a value is missing: fill it in, or drop the row")]
    Missing {
        /// The file.
        file: String,
        /// The field.
        place: Place,
    },
    /// A field is NaN or infinite.
    #[error("{file}: {place}: {value} is not a finite number: mend it, or drop the row")]
    NotFinite {
        /// The file.
        file: String,
        /// The field.
        place: Place,
        /// NaN or an infinity.
        value: f64,
    },
    /// A label is not a whole number from 0.
    #[error("{file}: {place}: the label is {value}: labels are whole numbers 0, 1, 2, …")]
    Label {
        /// The file.
        file: String,
        /// The field.
        place: Place,
        /// What stands there.
        value: f64,
    },
    /// The features cannot be divided.
    #[error("{file}: the features cannot be divided by {divisor}: a divisor is a finite number above 0, and not tiny")]
    Divisor {
        /// The file.
        file: String,
        /// What was stated.
        divisor: f64,
    },
    /// An IDX file begins otherwise.
    #[error("{file}: its first four bytes are {found:08x}, where IDX {what} begin with {expected:08x}: {help}")]
    Magic {
        /// The file.
        file: String,
        /// Images or labels.
        what: &'static str,
        /// The number it begins with.
        found: u32,
        /// The number it should begin with.
        expected: u32,
        /// What it seems to be.
        help: &'static str,
    },
    /// An IDX file is shorter or longer than its header says.
    #[error("{file} has {found} bytes, where its header makes {expected}: {}", if found < expected {
        "it is cut short, fetch it again"
    } else {
        "what follows is not part of the format"
    })]
    Length {
        /// The file.
        file: String,
        /// Bytes.
        found: u128,
        /// Bytes.
        expected: u128,
    },
    /// One of the sizes of an IDX file is zero.
    #[error("{file}: the size at byte {byte} is 0: at least one image of one pixel is needed")]
    ZeroSize {
        /// The file.
        file: String,
        /// Where the size stands, from 0.
        byte: usize,
    },
    /// There are more images than labels, or fewer.
    #[error("{images} holds {n_images} images and {labels} {n_labels} labels: they are not of one data set")]
    Counts {
        /// The file of images.
        images: String,
        /// Images.
        n_images: usize,
        /// The file of labels.
        labels: String,
        /// Labels.
        n_labels: usize,
    },
}

/// Where in a table a field stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The row.
    pub row: Row,
    /// The column.
    pub column: String,
}

/// A row, counted as a reader of the file counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A line of a text, from 1.
    Line(u64),
    /// A row of a table, from 1.
    Number(usize),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.row {
            Row::Line(line) => write!(f, "line {line}, column `{}`", self.column),
            Row::Number(row) => write!(f, "row {row}, column `{}`", self.column),
        }
    }
}

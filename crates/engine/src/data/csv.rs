//! CSV: a line of names, then a line for each sample, fields separated by commas (RFC 4180).

use std::io::Read;

use csv::{ErrorKind, Position, ReaderBuilder, StringRecord, Trim};

use super::table::{self, Columns};
use super::{DataError, Place, Row, Samples, require_room};
use crate::spec::diagnostic::quote;

/// The longest line that is read, in bytes: the reader makes room for each of its fields, however many there are.
const LONGEST_LINE: usize = 1 << 24;

/// What some programs write before the first name.
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Reads the text of a CSV file with a column of labels called `label`.
///
/// # Errors
/// [`DataError`] with the line and the column.
pub(super) fn parse(file: &str, bytes: &[u8], label: &str) -> Result<Samples, DataError> {
    let text = bytes.strip_prefix(&BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(Lines { rest: text, left: LONGEST_LINE });
    let names = reader.headers().map_err(|error| malformed(file, text, error))?;
    if names.is_empty() {
        return Err(DataError::Empty { file: file.to_owned() });
    }
    let columns = Columns::new(file, names.iter().map(str::to_owned).collect(), label)?;
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    let mut record = StringRecord::new();
    reader.get_mut().left = LONGEST_LINE;
    while reader.read_record(&mut record).map_err(|error| malformed(file, text, error))? {
        let line = line(text, record.position());
        for (column, field) in record.iter().enumerate() {
            let place = || Place { row: Row::Line(line), column: columns.names[column].clone() };
            let value = table::finite(file, number(file, field, place)?, place)?;
            match column == columns.label {
                true => labels.push(table::label(file, value, place)?),
                false => features.push(value),
            }
        }
        require_room(file, labels.len(), columns.dimension())?;
        reader.get_mut().left = LONGEST_LINE;
    }
    Ok(Samples { file: file.to_owned(), features, dimension: columns.dimension(), labels })
}

/// A text that fails in the middle of a line which is too long.
struct Lines<'a> {
    rest: &'a [u8],
    /// Bytes that the line at hand may still take.
    left: usize,
}

impl Read for Lines<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 && !self.rest.is_empty() {
            return Err(std::io::Error::other(format!("a line has more than {LONGEST_LINE} bytes")));
        }
        let most = room.len().min(self.left);
        let read = self.rest.read(&mut room[..most])?;
        self.left -= read;
        Ok(read)
    }
}

/// The number of a field; Rust's grammar of numbers is that of other languages, with a point.
fn number(file: &str, field: &str, place: impl Fn() -> Place) -> Result<f64, DataError> {
    if field.is_empty() {
        return Err(DataError::Missing { file: file.to_owned(), place: place() });
    }
    field.parse().map_err(|_| DataError::NoNumber { file: file.to_owned(), place: place(), found: quote(field) })
}

/// The line on which a record begins, from 1. The reader's position stands before empty lines, which it skips.
fn line(text: &[u8], position: Option<&Position>) -> u64 {
    let Some(position) = position else { return 1 };
    let rest = usize::try_from(position.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or_default();
    let skipped = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    position.line() + skipped as u64
}

fn malformed(file: &str, text: &[u8], error: csv::Error) -> DataError {
    let line = line(text, error.position());
    let file = file.to_owned();
    match error.into_kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            DataError::Ragged { file, line, found: len, expected: expected_len }
        }
        ErrorKind::Utf8 { .. } => DataError::Encoding { file, line },
        ErrorKind::Io(source) => DataError::Unreadable { file, source },
        kind => DataError::Unreadable { file, source: std::io::Error::other(format!("{kind:?}")) },
    }
}

//! Parquet: a table of numeric columns, one of which holds the labels.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::error::PolarsResult;
use polars::io::SerReader;
use polars::prelude::{Column, DataFrame, DataType, ParallelStrategy, ParquetReader};

use super::table::{self, Columns};
use super::{DataError, Place, Row, Samples, require_room};

/// Reads the bytes of a parquet file with a column of labels called `label`.
///
/// # Errors
/// [`DataError`] with the row and the column.
pub(super) fn parse(file: &str, bytes: &[u8], label: &str) -> Result<Samples, DataError> {
    let frame = frame(file, bytes)?;
    let names = frame.columns().iter().map(|column| column.name().to_string()).collect();
    let columns = Columns::new(file, names, label)?;
    let (count, dimension) = (frame.height(), columns.dimension());
    let (mut features, mut labels) = (vec![0.0; count * dimension], Vec::with_capacity(count));
    let mut n_features = 0;
    for (column, name) in frame.columns().iter().zip(&columns.names) {
        let is_label = *name == columns.names[columns.label];
        for (row, value) in numbers(file, column)?.into_iter().enumerate() {
            let place = || Place { row: Row::Number(row + 1), column: name.clone() };
            let value = value.ok_or_else(|| DataError::Missing { file: file.to_owned(), place: place() })?;
            let value = table::finite(file, value, place)?;
            match is_label {
                true => labels.push(table::label(file, value, place)?),
                false => features[row * dimension + n_features] = value,
            }
        }
        n_features += usize::from(!is_label);
    }
    Ok(Samples { file: file.to_owned(), features, dimension, labels })
}

/// The table, read by one thread. A damaged file can make polars panic, which is caught here.
fn frame(file: &str, bytes: &[u8]) -> Result<DataFrame, DataError> {
    let refuse = |reason: String| DataError::Parquet { file: file.to_owned(), reason };
    let mut reader = ParquetReader::new(Cursor::new(bytes)).read_parallel(ParallelStrategy::None);
    let header = |reader: &mut ParquetReader<_>| -> PolarsResult<_> { Ok((reader.num_rows()?, reader.schema()?)) };
    let read = AssertUnwindSafe(|| {
        let (count, schema) = header(&mut reader).map_err(|error| refuse(error.to_string()))?;
        require_room(file, count, schema.len())?;
        // Before it is unpacked: a row of another kind may be as large as it likes.
        for (column, field) in schema.iter() {
            require_numbers(file, column, &DataType::from_arrow_field(field))?;
        }
        reader.finish().map_err(|error| refuse(error.to_string()))
    });
    catch_unwind(read).unwrap_or_else(|_| Err(refuse("it is damaged".to_owned())))
}

/// The numbers of a column, with its gaps.
fn numbers(file: &str, column: &Column) -> Result<Vec<Option<f64>>, DataError> {
    let refuse = |_| not_numeric(file, column.name(), column.dtype());
    let column = column.cast(&DataType::Float64).map_err(refuse)?;
    Ok(column.f64().map_err(refuse)?.iter().collect())
}

fn require_numbers(file: &str, column: &str, kind: &DataType) -> Result<(), DataError> {
    if kind.is_primitive_numeric() { Ok(()) } else { Err(not_numeric(file, column, kind)) }
}

fn not_numeric(file: &str, column: &str, kind: &DataType) -> DataError {
    DataError::NotNumeric { file: file.to_owned(), column: column.to_owned(), kind: kind.to_string() }
}

//! The parquet tables as their readers open them: documented columns, and laws that agree with the theory crates.

mod common;

use common::cli::{SMALL, Workplace};
use common::parse;
use polars::prelude::*;

fn read(workplace: &Workplace, name: &str) -> DataFrame {
    let file = std::fs::File::open(workplace.path("reports/small").join(name)).expect("a table");
    ParquetReader::new(file).finish().expect("readable")
}

fn columns(frame: &DataFrame) -> Vec<String> {
    frame.columns().iter().map(|column| format!("{}: {}", column.name(), column.dtype())).collect()
}

#[test]
fn tables_have_their_documented_columns() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    insta::assert_debug_snapshot!("cells-columns", columns(&read(&workplace, "cells.parquet")));
    insta::assert_debug_snapshot!("claims-columns", columns(&read(&workplace, "claims.parquet")));
}

#[test]
fn every_row_of_cells_states_the_law_of_its_step() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    let frame = read(&workplace, "cells.parquet");
    let spec = parse("small", SMALL);
    let number = |name: &str| -> Vec<f64> {
        frame.column(name).expect("a column").f64().expect("numbers").into_no_null_iter().collect()
    };
    let (exact, estimate, ratio) = (number("exact"), number("estimate"), number("agreement"));
    let mut row = 0;
    for cell in &spec.cells {
        let path = cell.process.exact(&cell.recorded).expect("a law");
        for n in 0..cell.recorded.len() {
            let law = cell.observers[0].expected(n, &path, None, 0).expect("a law").value;
            assert!((exact[row] / law - 1.0).abs() < 1e-12);
            assert!((estimate[row] / law - 1.0).abs() < 0.15);
            assert!((ratio[row] - estimate[row] / exact[row]).abs() < 1e-15);
            row += 1;
        }
    }
    assert_eq!(row, frame.height());
}

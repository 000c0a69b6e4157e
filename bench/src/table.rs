//! The rows that a measurement ends in: a table for people, JSON for programs.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::Result;

/// One measured point. Values that were not measured are absent, never zero. The names are those of the JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The storage engine.
    pub engine: String,
    /// Users in the store.
    pub users: u64,
    /// Connections, each with one request in flight.
    pub connections: usize,
    /// Resets through the whole path, each durable before its answer.
    pub resets_per_s: f64,
    /// Median latency of a reset.
    pub p50_ms: f64,
    /// 99 of 100 took at most this long.
    pub p99_ms: f64,
    /// The same statements with the same durability by one writer, without HTTP.
    pub bare_engine_per_s: Option<f64>,
    /// The HTTP library with a constant answer.
    pub bare_http_per_s: Option<f64>,
    /// Resets relative to the bare engine.
    pub ratio_engine: Option<f64>,
    /// Resets relative to the bare HTTP server.
    pub ratio_http: Option<f64>,
    /// Resident memory of the server at the end, in MB of 10^6 bytes.
    pub rss_mb: f64,
    /// 999 of 1000 took at most this long.
    pub p999_ms: f64,
    /// How long was measured.
    pub seconds: f64,
    /// Cores of the machine, shared by server and load.
    pub cores: usize,
    /// Processor time of the server for each reset, in microseconds.
    pub cpu_us: f64,
    /// Cores that other programs kept busy meanwhile, on average.
    pub foreign_load: f64,
}

#[derive(Serialize)]
struct Document<'a, R> {
    rows: &'a [R],
}

/// Writes `{"rows": […]}` to `path`.
pub fn write_json<R: Serialize>(path: &Path, rows: &[R]) -> Result<()> {
    let mut text = serde_json::to_string_pretty(&Document { rows })?;
    text.push('\n');
    fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()).into())
}

/// Prints the rows as an aligned table.
pub fn print(rows: &[Row]) -> Result<()> {
    let heads = [
        "engine",
        "users",
        "conns",
        "resets/s",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "engine/s",
        "http/s",
        "of engine",
        "of http",
        "RSS MB",
        "CPU µs",
        "foreign",
    ];
    let lines: Vec<Vec<String>> = rows.iter().map(cells).collect();
    write_aligned(&mut std::io::stdout().lock(), &heads, &lines)
}

fn cells(row: &Row) -> Vec<String> {
    let rate = |value: Option<f64>| value.map_or_else(|| "–".into(), |rate| format!("{rate:.0}"));
    let share = |value: Option<f64>| value.map_or_else(|| "–".into(), |share| format!("{:.0} %", share * 100.0));
    vec![
        row.engine.clone(),
        row.users.to_string(),
        row.connections.to_string(),
        rate(Some(row.resets_per_s)),
        format!("{:.3}", row.p50_ms),
        format!("{:.3}", row.p99_ms),
        format!("{:.3}", row.p999_ms),
        rate(row.bare_engine_per_s),
        rate(row.bare_http_per_s),
        share(row.ratio_engine),
        share(row.ratio_http),
        format!("{:.1}", row.rss_mb),
        format!("{:.0}", row.cpu_us),
        format!("{:.2}", row.foreign_load),
    ]
}

/// Writes a head and lines of as many cells, every column as wide as its widest cell, all but the first to the right.
pub fn write_aligned(out: &mut dyn Write, heads: &[&str], lines: &[Vec<String>]) -> Result<()> {
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.chain([heads[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let heads: Vec<String> = heads.iter().map(ToString::to_string).collect();
    for line in std::iter::once(&heads).chain(lines) {
        write!(out, "{:<1$}", line[0], widths[0])?;
        for (cell, width) in line.iter().zip(&widths).skip(1) {
            write!(out, "  {cell:>width$}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            engine: "sqlite".into(),
            users: 100_000,
            connections: 64,
            resets_per_s: 15_014.4,
            p50_ms: 4.1,
            p99_ms: 9.25,
            bare_engine_per_s: None,
            bare_http_per_s: Some(90_000.0),
            ratio_engine: None,
            ratio_http: Some(0.1668),
            rss_mb: 48.0,
            p999_ms: 12.5,
            seconds: 10.0,
            cores: 2,
            cpu_us: 55.0,
            foreign_load: 0.125,
        }
    }

    #[test]
    fn columns_stand_under_their_heads() {
        let mut out = Vec::new();
        write_aligned(&mut out, &["name", "n"], &[vec!["a".into(), "1000".into()], vec!["longer".into(), "–".into()]])
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "name       n\na       1000\nlonger     –\n");
        assert!(cells(&row()).contains(&"17 %".to_owned()));
    }

    #[test]
    fn the_document_has_the_agreed_names() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rows.json");
        write_json(&path, &[row()]).unwrap();
        let document: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let row = document["rows"][0].as_object().unwrap();
        for name in [
            "engine",
            "users",
            "connections",
            "resets_per_s",
            "p50_ms",
            "p99_ms",
            "bare_engine_per_s",
            "bare_http_per_s",
            "ratio_engine",
            "ratio_http",
            "rss_mb",
        ] {
            assert!(row.contains_key(name), "{name}");
        }
        assert!(row["bare_engine_per_s"].is_null());
    }
}

//! The table of the case: what came of the rounds of each stage.

use super::count::Counted;
use super::course::Stage;
use crate::Result;
use crate::table::write_aligned;

const HEADS: [&str; 9] = [
    "killed while",
    "rounds",
    "in the middle",
    "people ended",
    "lost",
    "doubled",
    "outside the list",
    "mails early",
    "mails sent again",
];

/// What came of the rounds of each stage.
#[derive(Default)]
pub struct Sums([[u64; HEADS.len() - 1]; 3]);

impl Sums {
    /// Adds a round.
    pub fn add(&mut self, stage: Stage, was_hit: bool, counted: &Counted) {
        let Counted { ended, again, lost, doubled, outside, early } = counted;
        let found = [lost, doubled, outside, early].map(|sentences| sentences.len() as u64);
        let round = [1, was_hit.into(), *ended, found[0], found[1], found[2], found[3], *again];
        self.0[stage as usize].iter_mut().zip(round).for_each(|(sum, count)| *sum += count);
    }

    /// Its lines.
    pub fn table(&self) -> Result<Vec<String>> {
        let mut all = [0; HEADS.len() - 1];
        self.0.iter().for_each(|row| all.iter_mut().zip(row).for_each(|(sum, count)| *sum += count));
        let names = Stage::ALL.map(Stage::name);
        let rows = names.iter().zip(&self.0).chain([(&"all", &all)]);
        let cells = |(name, row): (&&str, &[u64; HEADS.len() - 1])| {
            std::iter::once((*name).to_owned()).chain(row.iter().map(u64::to_string)).collect()
        };
        let mut text = Vec::new();
        write_aligned(&mut text, &HEADS, &rows.map(cells).collect::<Vec<_>>())?;
        Ok(String::from_utf8(text)?.lines().map(String::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_has_a_line_and_the_last_one_is_their_sum() {
        let mut sums = Sums::default();
        let lost = vec![String::from("jane has no reset")];
        sums.add(Stage::Ending, true, &Counted { ended: 7, again: 2, lost, ..Counted::default() });
        sums.add(Stage::Mailing, false, &Counted { ended: 5, ..Counted::default() });
        let lines: Vec<Vec<String>> =
            sums.table().unwrap().iter().map(|line| line.split_whitespace().map(String::from).collect()).collect();
        assert_eq!(lines[2], ["ending", "1", "1", "7", "1", "0", "0", "0", "2"]);
        assert_eq!(lines[4], ["all", "2", "1", "12", "1", "0", "0", "0", "2"]);
    }
}

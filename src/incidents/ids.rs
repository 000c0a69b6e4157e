//! The ids of an incident's resets, records and mails: they follow from its run and from the place of the user. So a second one
//! meets the first, and all of one incident stand side by side in the order of its list.

use uuid::{Builder, Uuid};

/// The bytes of the run's own id that each of its ids begins with: its moment, and what was drawn.
const DRAWN: usize = 11;

/// The id for a place in a round: 0 for the end of passwords, then those of the reminders.
pub(super) fn of_place(run: &Uuid, round: u8, place: i64) -> Uuid {
    let mut bytes = *run.as_bytes();
    bytes[DRAWN] = round;
    bytes[DRAWN + 1..].copy_from_slice(&u32::try_from(place).unwrap_or(u32::MAX).to_be_bytes());
    Builder::from_bytes(bytes).into_uuid()
}

/// The least and the greatest id of all rounds.
pub(super) fn bounds_of_all(run: &Uuid) -> (Uuid, Uuid) {
    (of_place(run, 0, 0), of_place(run, u8::MAX, i64::from(u32::MAX)))
}

/// The least and the greatest id of a round.
pub(super) fn bounds(run: &Uuid, round: u8) -> (Uuid, Uuid) {
    (of_place(run, round, 0), of_place(run, round, i64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::random::Random;

    #[test]
    fn ids_are_in_the_order_of_rounds_and_places_and_of_the_moment_of_the_run() {
        let now = Timestamp(1_772_615_727_004_211);
        let run = Random::seeded(1).uuid(now);
        let ids: Vec<_> = [(0, 1), (0, 2), (0, 1 << 28), (0, (6 << 28) + 5), (1, 0), (1, 7)]
            .map(|(round, place)| of_place(&run, round, place))
            .to_vec();
        assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(ids.iter().all(|id| id.get_version_num() == 7 && *id >= Random::least_uuid(now)));
        let (least, most) = bounds(&run, 0);
        assert!(ids[..4].iter().all(|id| (least..=most).contains(id)) && ids[4] > most);
        let (least, most) = bounds_of_all(&run);
        assert!(ids.iter().all(|id| (least..=most).contains(id)));
        let other = Random::seeded(2).uuid(now);
        assert!(!(least..=most).contains(&of_place(&other, 0, 1)));
    }
}

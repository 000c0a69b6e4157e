//! Times as other products write them.

use jiff::civil;
use jiff::tz::Offset;

use crate::clock::Timestamp;

/// Seconds from 1601, where Windows begins to count, to 1970.
const SECONDS_FROM_1601: i64 = 11_644_473_600;

/// A time as text (RFC 3339, or a date with or without a time, which are UTC), or as a number: seconds, milliseconds or
/// microseconds since 1970, or tenths of a microsecond since 1601. Which of them is told by the size of the number: each
/// covers the years from 1973 on that the others do not.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(of_number);
    }
    let at_once = || Offset::UTC.to_timestamp(text.parse::<civil::DateTime>().ok()?).ok();
    Timestamp::parse(text).or_else(|| at_once().map(|moment| Timestamp(moment.as_microsecond())))
}

fn of_number(number: i64) -> Timestamp {
    Timestamp(match number {
        0..100_000_000_000 => number * 1_000_000,
        100_000_000_000..100_000_000_000_000 => number * 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => number,
        _ => number / 10 - SECONDS_FROM_1601 * 1_000_000,
    })
}

/// A number of days since 1970.
pub(super) fn of_days(days: &str) -> Option<Timestamp> {
    let days: i64 = days.parse().ok()?;
    days.checked_mul(86_400_000_000).map(Timestamp)
}

/// The generalized time of LDAP (RFC 4517 § 3.3.13): `20240102030405Z`, with or without a fraction, minutes or seconds.
pub(super) fn generalized(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (digits, zone) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?);
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    let part = |from: usize, to: usize| whole.get(from..to);
    let (year, month, day, hour) = (part(0, 4)?, part(4, 6)?, part(6, 8)?, part(8, 10)?);
    let (minute, second) = (part(10, 12).unwrap_or("00"), part(12, 14).unwrap_or("00"));
    let zone = match zone.len() {
        5 => format!("{}:{}", &zone[..3], zone.get(3..)?),
        3 => format!("{zone}:00"),
        _ => zone.into(),
    };
    Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}.{fraction}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_each_unit_and_form() {
        let expected = Some(Timestamp(1_702_884_096_000_000));
        for text in [
            "1702884096",
            "1702884096000",
            "1702884096000000",
            "133473576960000000",
            "2023-12-18T07:21:36Z",
            "2023-12-18T08:21:36+01:00",
            "2023-12-18 07:21:36",
            " 2023-12-18T07:21:36.000 ",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("2023-12-18"), Some(Timestamp(1_702_857_600_000_000)));
        for text in ["", "yesterday", "-5", "99999999999999999999", "2023-13-01", "18.12.2023"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("0"), Some(Timestamp(0)));
    }

    #[test]
    fn directories_write_times_without_signs() {
        let expected = Some(Timestamp(1_702_884_096_000_000));
        for text in ["20231218072136Z", "20231218072136.0Z", "20231218082136+0100", "20231218082136+01"] {
            assert_eq!(generalized(text), expected, "{text}");
        }
        assert_eq!(generalized("202312180721Z"), Some(Timestamp(1_702_884_060_000_000)));
        for text in ["", "Z", "20231218072136", "2023", "99999999999999Z", "é0231218072136Z", "2023121807213ü"] {
            assert_eq!(generalized(text), None, "{text}");
        }
        assert_eq!(of_days("19800"), Some(Timestamp(1_710_720_000_000_000)));
        assert_eq!((of_days(""), of_days("9999999999999")), (None, None));
    }
}

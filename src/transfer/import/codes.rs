//! The stable codes by which a row, or a whole file, is told what became of it. Programs compare the code; people read the
//! sentence, which names row, line and field, and never shows what stood in the field of a password.

use std::fmt;

use serde::{Serialize, Serializer};

/// What a code says became of a row or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The row is not taken.
    Refused,
    /// The row is there already, as it is.
    Skipped,
    /// The row is taken; there is something to know about it.
    Told,
    /// Nothing of the file is taken.
    Stopped,
    /// The file is taken; there is something to know about it.
    Noticed,
}

macro_rules! codes {
    ($($kind:ident { $($name:ident $text:literal $sentence:literal;)+ })+) => {
        /// A reason. Its text never changes; new ones may come.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $sentence] $name,)+)+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)+)+];

            /// The stable text.
            pub fn text(self) -> &'static str {
                match self { $($(Self::$name => $text,)+)+ }
            }

            /// What it says became of the row or file.
            pub fn kind(self) -> Kind {
                match self { $($(Self::$name => Kind::$kind,)+)+ }
            }

            /// What it says, without the row. `{field}` stands for the name of the field.
            fn template(self) -> &'static str {
                match self { $($(Self::$name => $sentence,)+)+ }
            }
        }
    };
}

codes! {
    Refused {
        NoAddress "NO_ADDRESS" "there is no mail address";
        AddressInvalid "ADDRESS_INVALID" "{field} is not a mail address";
        AddressNotAscii "ADDRESS_NOT_ASCII" "{field} has letters outside ASCII before the @";
        DuplicateInFile "DUPLICATE_IN_FILE" "an earlier row has the same address";
        DuplicateKey "DUPLICATE_KEY" "an earlier row, or another user, has the same key";
        Exists "EXISTS" "a user of this address is here already, and did not come from this source";
        ExistsDiffers "EXISTS_DIFFERS" "the user is here already and differs; --update takes over what changed";
        KeyMoved "KEY_MOVED" "the key is known under another address; an import never moves an address";
        ServiceUser "SERVICE_USER" "this is a program and no person";
        StateRemoved "STATE_REMOVED" "the user is removed at the source";
        Erased "ERASED" "the person was erased here; --erased allow takes the row";
        NameInvalid "NAME_INVALID" "{field} must be one line of at most 256 bytes, without control characters";
        Nul "NUL" "{field} holds a NUL, which no store keeps";
        Encoding "ENCODING" "the text is not UTF-8; say how it is written with --encoding latin1 or --encoding windows-1252";
        Shape "SHAPE" "{field} is not as the format has it";
        TooLong "TOO_LONG" "{field} is longer than is taken";
        PasswordPlain "PASSWORD_PLAIN" "{field} holds a plain password; leave the field out and invite the users";
        HashUnknown "HASH_UNKNOWN" "{field} holds a hash of a scheme that is not known here";
        HashMalformed "HASH_MALFORMED" "{field} does not look like a hash of its scheme";
        HashTooCostly "HASH_TOO_COSTLY" "{field} asks for more than one sign-in may cost";
        HashUnsafe "HASH_UNSAFE" "{field} holds a hash of a scheme that protects nothing";
        HashKeyMissing "HASH_KEY_MISSING" "{field} holds a hash that was made with a key which is not in the file";
        HashesClosed "HASHES_CLOSED" "hashes of passwords can be imported only while an owner of this tenant allows it";
        RoleUnknown "ROLE_UNKNOWN" "{field} names a role that does not exist here";
        NamespaceUnknown "NAMESPACE_UNKNOWN" "{field} names a namespace that does not exist here";
        GroupUnknown "GROUP_UNKNOWN" "{field} names a group that does not exist here";
        Rank "RANK" "the row would give a right that the caller lacks";
        Outranked "OUTRANKED" "the user who is here may do more than the caller";
        Owner "OWNER" "owners come by assignment, not by an import";
    }
    Skipped {
        Unchanged "UNCHANGED" "the user is here already, as in the row";
    }
    Told {
        NoPassword "W_NO_PASSWORD" "the user comes without a password and sets one by a link";
        Wrapped "W_WRAPPED" "the hash is quick to guess and is kept only beneath Argon2id";
        MustChange "W_MUST_CHANGE" "the right password leads to a link, by which a new one must be set";
        Disabled "W_DISABLED" "the user is disabled";
        LockDropped "W_LOCK_DROPPED" "a lock that passes by itself was left behind";
        Unverified "W_UNVERIFIED" "the source has not verified the address";
        Sso "W_SSO" "the user signs in at a provider of single sign-on";
        Federated "W_FEDERATED" "the source had the user from another directory";
        SeveralCredentials "W_SEVERAL_CREDENTIALS" "there are several passwords; the first one is taken";
        SecondFactorDropped "W_SECOND_FACTOR_DROPPED" "a second factor was left behind and must be enrolled again";
        RoleDropped "W_ROLE_DROPPED" "a role of the source has no role here that stands for it and was left behind";
        SuperuserDropped "W_SUPERUSER_DROPPED" "being a superuser at the source means nothing here";
        GroupDropped "W_GROUP_DROPPED" "a group was left behind";
        GroupFlattened "W_GROUP_FLATTENED" "a group within a group became one group with a joined name";
        GroupCycle "W_GROUP_CYCLE" "a group holds itself; the circle was cut where it closes";
        FieldsDropped "W_FIELDS_DROPPED" "{field} has no place here and was left behind";
        UsernameDropped "W_USERNAME_DROPPED" "users sign in by their address; the user name was left behind";
        NameSplit "W_NAME_SPLIT" "{field} was split into a first and a last name at its first blank";
        TimeOdd "W_TIME_ODD" "{field} is no time between 1970 and now; it was left out";
        NoCredential "W_NO_CREDENTIAL" "the program comes without its credential; make one for it";
        HashDropped "W_HASH_DROPPED" "the hash of the password was left behind";
        HashSealed "W_HASH_SEALED" "the hash of the password is sealed for another tenant, or its key has ended, and it was left behind";
    }
    Stopped {
        FileEmpty "F_EMPTY" "nothing is in it";
        FileHeader "F_HEADER" "the first line does not name the columns as they must be named";
        FileEncoding "F_ENCODING" "it is not UTF-8, nor UTF-16 with a byte order mark";
        FileTruncated "F_TRUNCATED" "it ends in the middle";
        FileVersion "F_VERSION" "it was written by a newer release";
        FileDigest "F_DIGEST" "it is not what was written, or changed while it was read";
        FileTooDeep "F_TOO_DEEP" "it is nested deeper than 64 levels";
        FileTooManyGroups "F_TOO_MANY_GROUPS" "it names more than 10,000 groups";
        FileOtherFormat "F_OTHER_FORMAT" "it is not a file of the format that was named";
    }
    Noticed {
        FileChangeRecords "F_CHANGE_RECORDS" "change records of LDIF were passed over; only entries are read";
    }
}

impl Code {
    /// The code of a text.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.text() == text)
    }

    /// Whether the row is taken without a password instead of being refused, if the caller asks for that.
    pub fn is_of_a_hash(self) -> bool {
        self.text().starts_with("HASH_") && self != Self::HashesClosed
    }

    /// The sentence of a row. `field` is the name of a field of the source; `detail` says more and never shows a secret.
    pub fn sentence(self, row: u64, line: u64, field: &str, detail: &str) -> String {
        let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        format!("Row {row} (line {line}): {}{detail}.", self.said(field))
    }

    /// The sentence of a file.
    pub fn sentence_of_file(self, file: &str, detail: &str) -> String {
        let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        format!("{file}: {}{detail}.", self.said(""))
    }

    fn said(self, field: &str) -> String {
        self.template().replace("{field}", if field.is_empty() { "a field" } else { field })
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_a_text_of_its_own_that_leads_back() {
        let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.text()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::read(code.text()), Some(*code));
            let begins = match code.kind() {
                Kind::Told => "W_",
                Kind::Stopped | Kind::Noticed => "F_",
                Kind::Refused | Kind::Skipped => "",
            };
            assert!(code.text().starts_with(begins), "{code}");
            assert_eq!(begins.is_empty(), !code.text().starts_with("W_") && !code.text().starts_with("F_"), "{code}");
        }
        assert_eq!(Code::read("W_NOTHING"), None);
    }

    #[test]
    fn a_sentence_names_row_line_and_field() {
        let detail = "31 as bcrypt's cost; at most 14";
        assert_eq!(
            Code::HashTooCostly.sentence(17, 212, "password_hash", detail),
            "Row 17 (line 212): password_hash asks for more than one sign-in may cost: 31 as bcrypt's cost; at most 14."
        );
        assert_eq!(Code::Shape.sentence(1, 2, "xy", ""), "Row 1 (line 2): xy is not as the format has it.");
        assert_eq!(Code::FileEmpty.sentence_of_file("people.csv", ""), "people.csv: nothing is in it.");
    }
}

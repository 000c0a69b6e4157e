//! Japanese, in the polite form of business mail.

use super::letter::{Block, Letter};
use super::{BudgetFacts, ChangeFacts, LinkFacts, OldPassword, TestFacts, Wording, hours_or_minutes, minute};

pub const WORDING: Wording = Wording {
    reset_by_administrator,
    link_by_administrator,
    invitation,
    forgotten,
    password_changed,
    half_of_budget,
    test,
};

fn reset_by_administrator(facts: &LinkFacts) -> Letter {
    let tenant = facts.tenant_name;
    let why = match facts.old_password {
        OldPassword::Dead => format!(
            "{tenant} の管理者がパスワードをリセットしました。以前のパスワードは使えなくなりました。お手数ですが、新しいパスワードを設定してください。"
        ),
        OldPassword::Works => format!(
            "{tenant} の管理者から、新しいパスワードの設定をお願いしています。設定が済むまでは、現在のパスワードをお使いいただけます。"
        ),
        OldPassword::None => format!("{tenant} の管理者から、パスワードの設定をお願いしています。"),
    };
    by_administrator(facts, why)
}

fn link_by_administrator(facts: &LinkFacts) -> Letter {
    let tenant = facts.tenant_name;
    let why = match facts.old_password {
        OldPassword::Works => {
            "新しいパスワードを設定できます。設定が済むまでは、現在のパスワードをお使いいただけます。"
        }
        OldPassword::Dead => "以前のパスワードは使えなくなっています。新しいパスワードを設定してください。",
        OldPassword::None => "パスワードを設定してください。",
    };
    by_administrator(facts, format!("{tenant} の管理者がこのリンクをお送りしました。{why}"))
}

fn by_administrator(facts: &LinkFacts, why: String) -> Letter {
    let tenant = facts.tenant_name;
    let (subject, label) = match facts.old_password {
        OldPassword::None => (format!("【{tenant}】パスワードを設定してください"), "パスワードを設定する"),
        _ => (format!("【{tenant}】新しいパスワードを設定してください"), "新しいパスワードを設定する"),
    };
    with_link(facts, subject, why, label, unexpected(facts.contact))
}

fn invitation(facts: &LinkFacts) -> Letter {
    let LinkFacts { tenant_name, .. } = facts;
    with_link(
        facts,
        format!("【{tenant_name}】ようこそ。パスワードを設定してください"),
        format!("{tenant_name} にアカウントが作成されました。最初のパスワードを設定してから、サインインしてください。"),
        "パスワードを設定する",
        unexpected(facts.contact),
    )
}

fn forgotten(facts: &LinkFacts) -> Letter {
    let LinkFacts { tenant_name, contact, .. } = facts;
    let question =
        contact.map(|contact| format!("ご不明な点は {contact} までお問い合わせください。")).unwrap_or_default();
    let not_you = match facts.old_password {
        OldPassword::Works => {
            "お心当たりがない場合は、何もなさらなくて大丈夫です。現在のパスワードはそのままお使いいただけます。"
        }
        OldPassword::Dead => {
            "お心当たりがない場合は、何もなさらなくて大丈夫です。ただし、以前のパスワードは使えなくなっています。サインインするには、\
             新しいパスワードを設定してください。"
        }
        OldPassword::None => "お心当たりがない場合は、何もなさらなくて大丈夫です。",
    };
    with_link(
        facts,
        format!("【{tenant_name}】パスワード再設定のご案内"),
        format!("{tenant_name} のパスワード再設定を受け付けました。次のリンクから新しいパスワードを設定してください。"),
        "新しいパスワードを設定する",
        format!("{not_you}{question}"),
    )
}

fn password_changed(facts: &ChangeFacts) -> Letter {
    let ChangeFacts { tenant_name, person_name, from_address, contact, .. } = facts;
    let at = minute(facts.at);
    let whom = contact.map_or_else(|| "すぐに管理者".into(), |contact| format!("すぐに {contact} "));
    Letter {
        subject: format!("【{tenant_name}】パスワードが変更されました"),
        blocks: vec![
            Block::Says(greeting(person_name)),
            Block::Says(format!("{tenant_name} のパスワードが変更されました。")),
            Block::Says(format!("日時：{at}\n接続元アドレス：{from_address}")),
            Block::Says("ご本人による変更であれば、何もなさる必要はありません。".into()),
            Block::Says(format!("お心当たりがない場合は、{whom}までご連絡ください。")),
            Block::Aside(
                "このメールにリンクは含まれていません。メールでパスワードをお尋ねすることは決してありません。".into(),
            ),
        ],
    }
}

fn half_of_budget(facts: &BudgetFacts) -> Letter {
    let BudgetFacts { tenant_name, person_name, spender, used, budget, .. } = facts;
    Letter {
        subject: format!("【{tenant_name}】パスワードのリセット件数が上限の半分に達しました"),
        blocks: vec![
            Block::Says(greeting(person_name)),
            Block::Says(format!(
                "{spender} が、1 時間以内に {used} 件のパスワードをリセットしました。上限は 1 人につき 1 \
                 時間あたり {budget} 件です。上限を超えるリセットは、次の 1 時間が始まるまで拒否されます。"
            )),
            Block::Says(
                "予定された作業であれば、何もなさる必要はありません。そうでない場合は、このユーザーをただちに無効にし、\
                 どのユーザーのパスワードがどの認証情報でリセットされたかを監査ログで確認してください。"
                    .into(),
            ),
            Block::Aside("このメールは、所有者の方にお送りしています。".into()),
        ],
    }
}

fn test(facts: &TestFacts) -> Letter {
    let TestFacts { server, relay, .. } = facts;
    Letter {
        subject: format!("{server} からのテストメール"),
        blocks: vec![
            Block::Says(format!("これはテストメールです。{server} は {relay} を経由してメールを送信できます。")),
            Block::Says(format!("送信日時：{}\nご対応は不要です。", minute(facts.at))),
        ],
    }
}

fn with_link(facts: &LinkFacts, subject: String, why: String, label: &'static str, aside: String) -> Letter {
    let lives = match hours_or_minutes(facts.lives_minutes) {
        Ok(hours) => format!("約 {hours} 時間"),
        Err(0) => "残り 1 分未満".into(),
        Err(minutes) => format!("約 {minutes} 分間"),
    };
    Letter {
        subject,
        blocks: vec![
            Block::Says(greeting(facts.person_name)),
            Block::Says(why),
            Block::Link { label, link: facts.link.into() },
            Block::Says(format!("このリンクの有効期間は{lives}で、一度だけご利用いただけます。")),
            Block::Code {
                label: "ページでコードの入力を求められた場合は、次のコードを貼り付けてください。",
                code: facts.code.into(),
            },
            Block::Aside(aside),
        ],
    }
}

fn unexpected(contact: Option<&str>) -> String {
    let whom = contact.map_or_else(|| "管理者".into(), |contact| format!(" {contact} "));
    format!("お心当たりがない場合は、リンクを使わずに{whom}までお問い合わせください。")
}

fn greeting(name: &str) -> String {
    if name.is_empty() { "ご利用者様".into() } else { format!("{name} 様") }
}

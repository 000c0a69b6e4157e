//! Words of the rules for a password. Each is worded as a rule, so that hints and refusals say the same.

use crate::words::words;

words! {
    too_short[n] {
        en "Use at least {n} character." | "Use at least {n} characters."
        de "Verwenden Sie mindestens {n} Zeichen."
        fr "Utilisez au moins {n} caractère." | "Utilisez au moins {n} caractères."
        ja "{n}文字以上にしてください。"
    }

    too_long[n] {
        en "Use at most {n} character." | "Use at most {n} characters."
        de "Verwenden Sie höchstens {n} Zeichen."
        fr "Utilisez au plus {n} caractère." | "Utilisez au plus {n} caractères."
        ja "{n}文字以内にしてください。"
    }

    too_few_digits[n] {
        en "Use at least {n} digit." | "Use at least {n} digits."
        de "Verwenden Sie mindestens {n} Ziffer." | "Verwenden Sie mindestens {n} Ziffern."
        fr "Utilisez au moins {n} chiffre." | "Utilisez au moins {n} chiffres."
        ja "数字を{n}文字以上含めてください。"
    }

    too_few_lowercase[n] {
        en "Use at least {n} lower-case letter." | "Use at least {n} lower-case letters."
        de "Verwenden Sie mindestens {n} Kleinbuchstaben."
        fr "Utilisez au moins {n} minuscule." | "Utilisez au moins {n} minuscules."
        ja "小文字を{n}文字以上含めてください。"
    }

    too_few_uppercase[n] {
        en "Use at least {n} upper-case letter." | "Use at least {n} upper-case letters."
        de "Verwenden Sie mindestens {n} Großbuchstaben."
        fr "Utilisez au moins {n} majuscule." | "Utilisez au moins {n} majuscules."
        ja "大文字を{n}文字以上含めてください。"
    }

    too_few_special[n] {
        en "Use at least {n} special character." | "Use at least {n} special characters."
        de "Verwenden Sie mindestens {n} Sonderzeichen."
        fr "Utilisez au moins {n} caractère spécial." | "Utilisez au moins {n} caractères spéciaux."
        ja "記号を{n}文字以上含めてください。"
    }

    username() {
        en "Do not use your email address or the part before the @."
        de "Verwenden Sie weder Ihre E-Mail-Adresse noch den Teil vor dem @."
        fr "N’utilisez ni votre adresse e-mail ni la partie qui précède le @."
        ja "メールアドレスや@より前の部分は使用しないでください。"
    }

    context_word() {
        en "Do not use your name or the name of your organisation."
        de "Verwenden Sie weder Ihren Namen noch den Ihrer Organisation."
        fr "N’utilisez ni votre nom ni celui de votre organisation."
        ja "お名前や組織の名前は使用しないでください。"
    }

    leaked() {
        en "Do not use a password that is known from data leaks."
        de "Verwenden Sie kein Passwort, das aus Datenlecks bekannt ist."
        fr "N’utilisez pas un mot de passe connu par des fuites de données."
        ja "漏えいしたことが知られているパスワードは使用しないでください。"
    }

    too_weak() {
        en "Make it hard to guess: several unrelated words do better than one with digits."
        de "Wählen Sie etwas schwer zu Erratendes: Mehrere Wörter ohne Zusammenhang sind besser als eines mit \
            Ziffern."
        fr "Choisissez-le difficile à deviner : plusieurs mots sans rapport valent mieux qu’un mot et des chiffres."
        ja "推測されにくいものにしてください。単語と数字の組み合わせより、関連のない複数の単語が安全です。"
    }

    recently_used[n] {
        en "Do not use your last password again." | "Do not use one of your last {n} passwords."
        de "Verwenden Sie nicht noch einmal Ihr letztes Passwort."
         | "Verwenden Sie keines Ihrer letzten {n} Passwörter."
        fr "N’utilisez pas de nouveau votre dernier mot de passe."
         | "N’utilisez aucun de vos {n} derniers mots de passe."
        ja "前回のパスワードは使用しないでください。" | "直近{n}回分のパスワードは使用しないでください。"
    }

    refused() {
        en "This password does not fit the rules. Choose another one."
        de "Dieses Passwort entspricht nicht den Regeln. Wählen Sie ein anderes."
        fr "Ce mot de passe ne respecte pas les règles. Choisissez-en un autre."
        ja "このパスワードは条件を満たしていません。別のパスワードを選んでください。"
    }
}

"""Settings: file, environment, errors."""

import pytest

from bole.config import ConfigError, Settings, load_settings, write_settings


def test_what_is_written_is_read_back(tmp_path):
    write_settings(tmp_path, Settings(home="320506", issuer='局 "一"', contact="a@b.cn"))
    settings = load_settings(tmp_path, {})
    assert (settings.home, settings.issuer, settings.contact) == ("320506", '局 "一"', "a@b.cn")
    assert settings.database == tmp_path / "data" / "bole.duckdb"
    assert settings.user_agent == "bole/0.1 (policy news research; a@b.cn)"


def test_environment_goes_over_the_file(tmp_path):
    write_settings(tmp_path, Settings(home="320506", ocr_pages=7))
    assert load_settings(tmp_path, {}).ocr_pages == 7
    environ = {"BOLE_HOME": "320300", "BOLE_DELAY": "0.5", "BOLE_OCR_PAGES": "0", "HOME": "/"}
    settings = load_settings(tmp_path, environ)
    assert (settings.home, settings.delay, settings.ocr_pages) == ("320300", 0.5, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hoem = '320300'", "unknown key 'hoem'; did you mean 'home'?"),
        ("colour = 'red'", "unknown key 'colour'; known keys: home, issuer"),
        ("home = '徐州'", "home = '徐州' is no six-digit district code"),
        ("home = 320300", "home = 320300 must be text"),
        ("delay = 'soon'", "delay = 'soon' is no number, as in delay = 2.5"),
        ("archive_gigabytes = -1", "archive_gigabytes = -1 is no number"),
        ("archive_gigabytes = inf", "archive_gigabytes = inf is no number"),
        ("archive_days = 2.5", "archive_days = 2.5 is no whole number"),
        ("ocr_pages = -1", "ocr_pages = -1 is no whole number from 0 on, as in 30"),
        ("ocr_pages = true", "ocr_pages = True is no whole number"),
        ("home = ", "bole.toml: Invalid value"),
    ],
)
def test_bad_settings_name_key_value_and_cure(tmp_path, text, message):
    (tmp_path / "bole.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_settings(tmp_path, {})
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_wrong_variable_is_named(tmp_path):
    write_settings(tmp_path, Settings())
    with pytest.raises(ConfigError, match="environment variable BOLE_DELAY: delay = 'soon'"):
        load_settings(tmp_path, {"BOLE_DELAY": "soon"})


def test_no_settings_says_what_to_run(tmp_path):
    with pytest.raises(ConfigError, match="bole init"):
        load_settings(tmp_path, {})

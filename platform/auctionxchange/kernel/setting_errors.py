"""A setting that stops the start; a module of its own, so that every group of settings has it."""


class SettingInvalid(Exception):
    """A setting is missing or cannot be used; the message names it and says what to do."""

    def __init__(self, setting: str, advice: str) -> None:
        super().__init__(f"{setting}: {advice}")
        self.setting = setting

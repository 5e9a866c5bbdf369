class Names:
    def led_by(self, boss):
        return boss


def own(names: Names, boss):
    return names.led_by(boss)

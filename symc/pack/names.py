"""Names that an ecosystem keeps for itself: a model so called would hide a part of it, or be hidden."""

from __future__ import annotations

from symc.errors import SymcError

# In lower case, as file systems of Windows and macOS compare: headers of Arduino's cores and libraries.
_ARDUINO = """binary cdc client eeprom ethernet hardwareserial hid hid_keyboard interrupt ipaddress keyboard mouse new
pgmspace pins_arduino pluggableusb print printable sd server servo softwareserial spi stream tone twi udp usbapi usbcore
usbdesc wcharacter wire wiring wiring_private wprogram wstring"""
# Components of ESP-IDF; a project's component of the same name replaces one. "main" is the application.
_ESP_IDF = """app_trace app_update bootloader bootloader_support bt cmock console cxx driver efuse espcoredump
esptool_py
fatfs freertos hal heap http_parser idf_test ieee802154 json linux log lwip main mbedtls mqtt newlib nvs_flash
nvs_sec_provider openthread partition_table perfmon protocomm pthread riscv rt sdmmc soc spi_flash spiffs tcp_transport
touch_element ulp unity usb vfs wear_levelling wifi_provisioning wpa_supplicant xtensa"""
# Modules of MicroPython on any port, the older names with u too, and the scripts that a board starts with.
_MICROPYTHON = """_asyncio _boot _onewire _rp2 _thread alif apa106 array asyncio binascii bluetooth boot btree builtins
cmath collections cryptolib deflate dht errno esp esp32 espnow ffi framebuf gc gzip hashlib heapq io jni js json
lcd160cr lwip machine main math micropython mimxrt mip modlwip neopixel network nrf onewire openamp os platform pyb
random re requests rp2 samd select socket ssl stm struct sys termios time tls uarray uasyncio ubinascii ubluetooth
ucollections ucryptolib uctypes uerrno uhashlib uheapq uio ujson umachine unittest uos uplatform urandom ure urequests
uselect usocket ussl ustruct usys utime uwebsocket uzlib vfs webrepl websocket wm8960 zephyr zlib"""
# Keywords, those of later editions too, and the crates that come with Rust.
_RUST = """abstract as async await become box crate dyn final fn gen impl in let loop macro match mod move mut override
priv pub ref self super trait try type typeof unsafe unsized use virtual where yield
alloc core proc_macro std test"""
# Modules of Node.js, what npm refuses beside them, and the words of JavaScript that no import can be called.
_NPM = """assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain
events fs http http2 https inspector module net node_modules os path perf_hooks process punycode querystring readline
repl sea sqlite stream string_decoder sys test timers tls trace_events tty url util v8 vm wasi worker_threads zlib
arguments await debugger eval extends function implements in instanceof interface let package super typeof var with"""

_KEPT: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "Arduino": (frozenset(_ARDUINO.split()), ("arduino",)),
    "ESP-IDF": (frozenset(_ESP_IDF.split()), ("esp_",)),
    "MicroPython": (frozenset(_MICROPYTHON.split()), ()),
    "npm": (frozenset(_NPM.split()), ()),
    "Rust": (frozenset(_RUST.split()), ()),
}


def refuse_kept(name: str, ecosystem: str) -> None:
    """Raise SymcError when `ecosystem`, one of those above, keeps this name, or names that begin as it does."""
    names, beginnings = _KEPT[ecosystem]
    if name.lower() in names or name.lower().startswith(beginnings):
        raise SymcError(
            f"the name {name!r} is one of those that {ecosystem} keeps for parts of its own",
            hint="Build the model under another --name.",
        )


def refuse_upper_case(name: str, ecosystem: str) -> None:
    """Raise SymcError when the name has upper case, for an ecosystem whose packages have none."""
    if name != name.lower():
        raise SymcError(
            f"the name {name!r} has upper case, which names of packages of {ecosystem} have not",
            hint=f"Build the model under another name, such as --name {name.lower()}.",
        )

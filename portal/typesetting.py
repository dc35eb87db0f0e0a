"""What setting a PDF needs of the machine: Pango and a font for Chinese. Standard library only."""

import ctypes
import ctypes.util

LIBRARIES = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0")
#: The same as Debian packages them.
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk")


def can_set() -> bool:
    return all(map(_loads, LIBRARIES)) and _has_chinese_font()


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        # Where libraries carry other names (macOS), by what stands between “lib” and the version.
        return bool(ctypes.util.find_library(library.removeprefix("lib").partition(".so")[0]))
    return True


class _FontSet(ctypes.Structure):
    _fields_ = [("count", ctypes.c_int)]


def _has_chinese_font() -> bool:
    """Asked of fontconfig, as Pango will."""
    try:
        fontconfig = ctypes.CDLL(ctypes.util.find_library("fontconfig") or "libfontconfig.so.1")
    except OSError:
        return False
    fontconfig.FcNameParse.restype = fontconfig.FcObjectSetCreate.restype = ctypes.c_void_p
    fontconfig.FcNameParse.argtypes = [ctypes.c_char_p]
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    fontconfig.FcFontList.argtypes = [ctypes.c_void_p] * 3
    fontconfig.FcFontSetDestroy.argtypes = [ctypes.POINTER(_FontSet)]
    fontconfig.FcPatternDestroy.argtypes = fontconfig.FcObjectSetDestroy.argtypes = [ctypes.c_void_p]
    pattern, objects = fontconfig.FcNameParse(b":lang=zh-cn"), fontconfig.FcObjectSetCreate()
    found = fontconfig.FcFontList(None, pattern, objects)
    try:
        return bool(found) and found.contents.count > 0
    finally:
        if found:
            fontconfig.FcFontSetDestroy(found)
        fontconfig.FcObjectSetDestroy(objects)
        fontconfig.FcPatternDestroy(pattern)

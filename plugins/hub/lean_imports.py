"""Large libraries imported without what nobody here asks of them."""

import ast
import functools
import gc
import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any


@contextmanager
def garbage_left_alone() -> Iterator[None]:
    """What an import makes stays for the life of the process. Looking through it for garbage time and again, also when
    the process ends, took half as long as the import; and a task that is forked from here would copy those pages."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_collecting:
            gc.enable()


@contextmanager
def put_off(*modules: str) -> Iterator[None]:
    """Modules that what is imported here names and does not use are not imported with it."""
    with _stood_for({name: _PutOff(name) for name in modules if name not in sys.modules}):
        yield


@contextmanager
def name_by_name(*packages: str) -> Iterator[None]:
    """Of packages that gather names from their modules, only the modules are imported whose names what is imported here
    asks for. Whoever imports a package by its own name later gets it whole."""
    with _stood_for({package: _by_name(package) for package in packages if package not in sys.modules}):
        yield


class _PutOff(ModuleType):
    """Stands for a module until somebody asks it for something."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_itself(self), name)


def _by_name(package: str) -> ModuleType:
    spec = _spec_without_import(package)
    module = importlib.util.module_from_spec(spec)
    vars(module)["__getattr__"] = functools.partial(_from_its_module, module, _gathered(spec))
    return module


def _from_its_module(package: ModuleType, gathered: Mapping[str, str], name: str) -> Any:
    if name == "__version__":
        return importlib.metadata.version(package.__name__)
    if name.startswith("__"):
        raise AttributeError(name)
    if name in gathered:
        return getattr(importlib.import_module(gathered[name]), name)
    return getattr(_itself(package), name)


def _spec_without_import(package: str) -> ModuleSpec:
    """``importlib.util.find_spec`` imports the packages above."""
    above, _, _ = package.rpartition(".")
    places = _spec_without_import(above).submodule_search_locations if above else None
    spec = PathFinder.find_spec(package, places)
    if spec is None:
        raise ModuleNotFoundError(f"there is no package {package}", name=package)
    return spec


def _gathered(spec: ModuleSpec) -> dict[str, str]:
    """Names that a package imports from modules, each with its module."""
    source = Path(spec.origin or "").read_text(encoding="utf-8")
    return {
        alias.name: importlib.util.resolve_name("." * one.level + (one.module or ""), spec.name)
        for one in ast.parse(source).body
        if isinstance(one, ast.ImportFrom)
        for alias in one.names
        if alias.asname is None
    }


def _itself(stand: ModuleType) -> ModuleType:
    """What is stood for, imported now."""
    if sys.modules.get(stand.__name__) is stand:
        del sys.modules[stand.__name__]
    return importlib.import_module(stand.__name__)


@contextmanager
def _stood_for(stands: Mapping[str, ModuleType]) -> Iterator[None]:
    sys.modules.update(stands)
    try:
        yield
    finally:
        for name, module in stands.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]

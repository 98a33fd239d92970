"""The ESP-IDF component: its own component manager takes it, and its CMakeLists.txt does in both of ESP-IDF's passes
what that build system expects; this is a stand-in for it, of its documented functions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import symc
from tests.pack.conftest import both
from tests.targets import building
from tests.tools import require

# The first pass: a script, where the registration ends the file and nothing can be configured.
EARLY = """
macro(idf_component_register)
  cmake_parse_arguments(_ "" "" "SRCS;INCLUDE_DIRS;PRIV_INCLUDE_DIRS;REQUIRES;PRIV_REQUIRES" ${ARGN})
  message(STATUS "requires ${__REQUIRES}, privately ${__PRIV_REQUIRES}; unknown ${__UNPARSED_ARGUMENTS}")
  set(registered 1)
  return()
endmacro()
function(early)
  include(${component}/CMakeLists.txt)
  set(registered ${registered} PARENT_SCOPE)
endfunction()
early()
if(NOT registered)
  message(FATAL_ERROR "the component does not register itself")
endif()
"""
# The second: a target of each component.
PROJECT = """
cmake_minimum_required(VERSION 3.16)
project(app C)
set(ESP_PLATFORM 1)
add_compile_options(-Og -std=gnu17 -ffunction-sections -fdata-sections -Wall -Wextra -Werror)
function(idf_component_register)
  get_filename_component(component ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  cmake_parse_arguments(of "" "" "SRCS;INCLUDE_DIRS;PRIV_INCLUDE_DIRS;REQUIRES;PRIV_REQUIRES" ${ARGN})
  if(of_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "unknown arguments: ${of_UNPARSED_ARGUMENTS}")
  endif()
  add_library(__idf_${component} STATIC ${of_SRCS})
  target_include_directories(__idf_${component} PUBLIC ${of_INCLUDE_DIRS} PRIVATE ${of_PRIV_INCLUDE_DIRS})
  foreach(required ${of_PRIV_REQUIRES})
    target_link_libraries(__idf_${component} PRIVATE __idf_${required})
  endforeach()
endfunction()
"""


@pytest.fixture(scope="module")
def components(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("esp") / "components"
    return {name: symc.pack(path, format="esp-idf", out=out).path for name, path in bundles.items()}


def test_idf_component_yml(bundles: dict[str, Path], tmp_path: Path) -> None:
    about = {"version": "1.2.0", "author": "Ann Example <ann@example.org>", "url": "https://example.org/pump"}
    root = symc.pack(bundles["pump"], format="esp-idf", out=tmp_path, **about).path
    assert yaml.safe_load((root / "idf_component.yml").read_text()) == {
        "version": "1.2.0",
        "description": "y0, y1 of x0, x1, in closed form. The same bits on every target.",
        "license": "Apache-2.0",
        "url": "https://example.org/pump",
        "maintainers": ["Ann Example <ann@example.org>"],
        "dependencies": {"idf": ">=5.0"},
    }


def test_the_component_manager_packs_it(components: dict[str, Path], tmp_path: Path) -> None:
    require("idf_component_manager", module=True)
    command = [sys.executable, "-m", "idf_component_manager", "--warnings-as-errors", "component", "pack", "--name",
               "pump", "--dest-dir", str(tmp_path), "--project-dir", str(components["pump"])]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "pump_0.1.0.tgz").is_file()
    assert {"CMakeLists.txt", "idf_component.yml", "src"} <= {p.name for p in (tmp_path / "pump_0.1.0").iterdir()}


def test_the_first_pass_registers_and_configures_nothing(components: dict[str, Path], tmp_path: Path) -> None:
    require("cmake")
    script = tmp_path / "early.cmake"
    script.write_text(EARLY)
    for root in (components["pump"], components["pump"] / "examples" / "pump" / "main"):
        done = building.run(["cmake", "-DESP_PLATFORM=1", f"-Dcomponent={root}", "-P", script])
        requires = "pump" if root.name == "main" else ""
        assert f"requires , privately {requires}; unknown \n" in done.stdout + done.stderr


def test_two_components_and_an_example_in_one_project(components: dict[str, Path], tmp_path: Path) -> None:
    require("cmake")
    (tmp_path / "both.c").write_text(both())
    (tmp_path / "host.c").write_text("void app_main(void);\nint main(void)\n{\n    app_main();\n    return 0;\n}\n")
    example = components["pump"] / "examples" / "pump" / "main"
    (tmp_path / "CMakeLists.txt").write_text(
        PROJECT
        + "".join(f"add_subdirectory({root} {name})\n" for name, root in components.items())
        + f"add_subdirectory({example} main)\n"
        "add_executable(both both.c)\ntarget_link_libraries(both __idf_pump __idf_fan)\n"
        "add_executable(example host.c)\ntarget_link_libraries(example __idf_main)\n"
    )
    building.run(["cmake", "-S", tmp_path, "-B", tmp_path / "build"])
    building.run(["cmake", "--build", tmp_path / "build"])
    building.run([tmp_path / "build" / "both"])
    assert building.run([tmp_path / "build" / "example"]).stdout.endswith("pump: self-test passed (0)\n")


def test_elsewhere_it_is_the_bundles_own_project(components: dict[str, Path], bundles: dict[str, Path]) -> None:
    own = (bundles["pump"] / "CMakeLists.txt").read_text()
    before = (components["pump"] / "CMakeLists.txt").read_text().removesuffix(own)
    assert before.count("if(ESP_PLATFORM)\n") == before.count("endif()\n") == 1 and before.endswith("endif()\n\n")

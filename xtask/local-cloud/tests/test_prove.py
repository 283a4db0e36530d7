"""Every patch is needed: its tests fail without it. Slower, so only with DATALAKE_PROVE=1."""
import os
import subprocess
import sys
import unittest

import patches
from tests import support


@unittest.skipUnless(os.environ.get("DATALAKE_PROVE") == "1", "set DATALAKE_PROVE=1 to prove each patch needed")
class EveryPatchIsNeeded(unittest.TestCase):
    def test_its_tests_fail_without_it(self):
        for name in patches.NAMES:
            with self.subTest(patch=name):
                self.assertNotEqual(0, self.status(name), f"the tests of {name} pass without it")

    def status(self, name):
        """The exit code of one patch's tests, run in a cloud without it."""
        case = f"tests.test_patches.{''.join(part.capitalize() for part in name.split('_'))}"
        done = subprocess.run([sys.executable, "-m", "unittest", case], cwd=support.FOLDER, capture_output=True,
                              text=True, env={**os.environ, "DATALAKE_WITHOUT_PATCHES": name})
        self.assertNotIn("the launcher", done.stderr)
        self.assertNotIn("_FailedTest", done.stderr)
        return done.returncode

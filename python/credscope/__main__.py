"""python -m credscope …"""

import subprocess
import sys

from credscope import find_program

if __name__ == "__main__":
    sys.exit(subprocess.run([find_program(), *sys.argv[1:]]).returncode)

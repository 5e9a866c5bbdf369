from pathlib import Path
import os
def test_write(workbench):
    for case in sorted(Path('/work/main/tests/golden/rewrite/'+os.environ['T']).iterdir()):
        if os.environ.get('C') and os.environ['C'] not in case.name: continue
        b=(case/'before.py').read_text(); r=workbench.rewrite(b, os.environ['T'].replace("_","-"))
        for name, text in (('after.py', r.text if r.text!=b else ''), ('refused.txt', ''.join(x+'\n' for x in r.refusals))):
            if text: (case/name).write_text(text)
            else: (case/name).unlink(missing_ok=True)

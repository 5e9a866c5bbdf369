"""What runs inside users' monoliths and services: light, Python 3.8 and newer, Django 3.2 to 6.x.

AppConfig.ready ─> registration   join the proxy's registry, beat, leave on exit
login response  ─> sticky         a cookie that names the user to the proxy, and to nobody else
"""
